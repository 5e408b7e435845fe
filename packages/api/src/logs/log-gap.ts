/**
 * Bytes that stand for bytes that are gone, where a reader only knows offsets: exactly as many, beginning with a
 * sentence where there is room, filled up with NUL (which a terminal shows as nothing) and ended with a line end.
 */
export function gapFiller(from: number, to: number): Buffer {
  const filler = Buffer.alloc(to - from);
  if (filler.length === 0) return filler;
  const notice = `[Gatehouse] ${to - from} bytes of this log were lost together with Redis.`;
  // A log begins with this byte even where its first bytes are lost: clients look for it.
  const start = from === 0 ? 1 : 0;
  if (start === 1) filler[0] = 0x02;
  if (filler.length > start + notice.length) filler.write(notice, start, 'utf8');
  if (filler.length > start) filler[filler.length - 1] = 0x0a;
  return filler;
}
