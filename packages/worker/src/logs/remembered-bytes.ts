import { maxChunkBytes } from '@gatehouse/shared/log-stream';

/** The last bytes that were stored of a log, in case Redis loses them. */
export class RememberedBytes {
  readonly #limitBytes: number;
  #parts: { start: number; bytes: Uint8Array }[] = [];
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(start: number, bytes: Uint8Array): void {
    this.#parts.push({ start, bytes });
    this.#length += bytes.length;
    while (this.#length > this.#limitBytes) this.#length -= this.#parts.shift()?.bytes.length ?? this.#length;
  }

  /** What is known from `offset` on, in pieces that a log takes; begins later where earlier bytes are not known. */
  *from(offset: number): Generator<{ start: number; bytes: Uint8Array }> {
    for (const { start, bytes } of this.#parts) {
      for (let at = Math.max(0, offset - start); at < bytes.length; at += maxChunkBytes) {
        yield { start: start + at, bytes: bytes.subarray(at, at + maxChunkBytes) };
      }
    }
  }
}
