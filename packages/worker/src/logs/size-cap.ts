/** Bytes of UTF-8 that may follow a first one; a cut moves back over at most as many. */
const longestTail = 3;

/** Lets the first `limitBytes` of a run's output through, cut between characters, and says once that it was cut. */
export class SizeCap {
  readonly #limitBytes: number;
  #leftBytes: number;
  #isCut = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#leftBytes = limitBytes;
  }

  /** Nothing is let through any more. */
  get isCut(): boolean {
    return this.#isCut;
  }

  take(bytes: Uint8Array): { bytes: Uint8Array; announcement?: string } {
    if (this.#isCut) return { bytes: new Uint8Array() };
    if (bytes.length <= this.#leftBytes) {
      this.#leftBytes -= bytes.length;
      return { bytes };
    }
    this.#isCut = true;
    const kept = bytes.subarray(0, characterStart(bytes, this.#leftBytes));
    return { bytes: kept, announcement: `Gatehouse: log cut here after ${size(this.#limitBytes)}; terraform goes on.` };
  }
}

function characterStart(bytes: Uint8Array, end: number): number {
  for (let start = end; start >= Math.max(0, end - longestTail); start--) {
    if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start;
  }
  return end;
}

function size(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 1 ? `${Number(mebibytes.toFixed(1))} MiB` : `${bytes} bytes`;
}
