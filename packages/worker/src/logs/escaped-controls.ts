/**
 * The terminal filter of a log of JSON lines: in these an escape character stands as `\u001b`, which passes every filter
 * of bytes, and whoever prints the message prints the character. Keeps colours, as the filter of plain output does.
 * Works on whole lines, as terraform writes them.
 */
export class EscapedControls {
  #held = Buffer.alloc(0);

  push(bytes: Uint8Array): Uint8Array {
    const all = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    const end = all.length > longestLine ? all.length : all.lastIndexOf(lineFeed) + 1;
    this.#held = Buffer.from(all.subarray(end));
    return filtered(all.subarray(0, end));
  }

  /** The rest, without its line end. */
  end(): Uint8Array {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return filtered(rest);
  }
}

const lineFeed = 0x0a;
/** A longer one is filtered in pieces: what stands across two of them may pass. */
const longestLine = 4 * 1024 * 1024;

/** After an even number of backslashes one more begins an escape: `\\u001b` is text. */
const escaped =
  /(?<!\\)((?:\\\\)*)\\u(00[0189][0-9a-f]|007f|202[a-e]|206[6-9])(?:(\[[0-9;:]*m)|\[[0-?]*[ -/]*[@-~])?/gi;

function filtered(bytes: Buffer): Uint8Array {
  if (!bytes.includes('\\u')) return bytes;
  // latin1: one character for each byte, and back again the same bytes.
  const text = bytes.toString('latin1').replace(escaped, (whole, before: string, code: string, colour?: string) => {
    if (code.toLowerCase() === '001b') return colour === undefined ? before : whole;
    return before + whole.slice(before.length + `\\u${code}`.length);
  });
  return Buffer.from(text, 'latin1');
}
