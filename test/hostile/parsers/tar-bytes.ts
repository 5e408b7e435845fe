// An archive as nobody's library would write it: each field of a header (POSIX.1-1988 ustar) is what is asked for.

const blockBytes = 512;

/** What a header calls an entry. */
export const typeFlags = {
  file: '0',
  hardLink: '1',
  link: '2',
  characterDevice: '3',
  blockDevice: '4',
  directory: '5',
  pipe: '6',
  contiguous: '7',
  longName: 'L',
  longLink: 'K',
  sparse: 'S',
  extended: 'x',
  globalExtended: 'g',
} as const;
export type EntryType = keyof typeof typeFlags;

export type TarEntry = {
  name: string | Buffer;
  type?: EntryType;
  body?: string | Buffer;
  target?: string;
  mode?: number;
  /** The field's 12 bytes, where they are to say something else than the body's length. */
  size?: Buffer;
  /** Added to the true sum. */
  sumError?: number;
};

export function tarOf(entries: readonly TarEntry[], { isEnded = true } = {}): Buffer {
  return Buffer.concat([...entries.map(entryBytes), isEnded ? Buffer.alloc(2 * blockBytes) : Buffer.alloc(0)]);
}

function entryBytes({
  name,
  type = 'file',
  body = '',
  target = '',
  mode = 0o644,
  size,
  sumError = 0,
}: TarEntry): Buffer {
  const content = Buffer.from(body);
  const header = Buffer.alloc(blockBytes);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write(octal(mode, 8), 100, 'latin1');
  header.write(octal(0, 8) + octal(0, 8), 108, 'latin1');
  (size ?? Buffer.from(octal(content.length, 12), 'latin1')).copy(header, 124, 0, 12);
  header.write(octal(1_700_000_000, 12), 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(typeFlags[type], 156, 'latin1');
  header.write(target, 157, 100, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, sumError);
  header.write(octal(sum, 7), 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc(padding(content.length))]);
}

/** Digits and a closing NUL, `width` bytes in all. */
export function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

/** A size as GNU tar writes what octal has no room for: a sign bit, then big-endian bytes. */
export function base256(value: bigint): Buffer {
  const field = Buffer.alloc(12, value < 0n ? 0xff : 0);
  field.writeBigInt64BE(value, 4);
  if (value >= 0n) field[0] = 0x80;
  return field;
}

function padding(length: number): number {
  return (blockBytes - (length % blockBytes)) % blockBytes;
}

/** Records that speak of the entry behind them: `<length> <name>=<value>\n`, the length's own digits counted. */
export function extended(fields: Readonly<Record<string, string>>): TarEntry {
  const records = Object.entries(fields).map(([name, value]) => {
    const rest = Buffer.byteLength(` ${name}=${value}\n`);
    let length = rest + String(rest).length;
    if (rest + String(length).length !== length) length = rest + String(length).length;
    return `${length} ${name}=${value}\n`;
  });
  return { name: 'PaxHeader', type: 'extended', body: records.join('') };
}

/** GNU tar's way to say a name, or a link's target, that is too long for its field. */
export function long(type: 'longName' | 'longLink', text: string): TarEntry {
  return { name: '././@LongLink', type, body: `${text}\0` };
}
