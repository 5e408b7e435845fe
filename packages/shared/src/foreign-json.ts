/**
 * Names, values and brackets that a document may have. A state of 50 MiB of real infrastructure has about two million;
 * at this limit the parser takes a second, of names that all differ or of brackets alone three to five, and some hundred
 * megabytes.
 */
export const maxJsonParts = 4_000_000;

/** What is too large to be read, though it may be good JSON. */
export class TooManyParts extends Error {
  constructor(maxParts: number) {
    super(`The JSON has more than ${maxParts.toLocaleString('en')} parts.`);
  }
}

/**
 * Reads JSON that a run or a client has made, in UTF-8. `JSON.parse` takes half a minute and gigabytes for 250 MiB of tiny
 * values, and nothing else goes on meanwhile: parts are counted first, at the speed of memory. Throws `TooManyParts`;
 * `SyntaxError` and `TypeError` for what is no JSON or no UTF-8, whose messages may repeat a piece of it.
 */
export function parseForeignJson(bytes: Uint8Array, maxParts: number = maxJsonParts): unknown {
  // Each part has a byte of its own.
  if (bytes.length > maxParts && countParts(bytes, maxParts) > maxParts) throw new TooManyParts(maxParts);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
/** `[` and `{` differ in this bit only. */
const caseBit = 0x20;
const brace = 0x7b;

/** Commas, colons and opening brackets outside of strings; counts no further than one above `most`. */
function countParts(bytes: Uint8Array, most: number): number {
  let parts = 0;
  for (let at = 0; at < bytes.length && parts <= most; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === comma || byte === colon || (byte | caseBit) === brace) parts += 1;
  }
  return parts;
}

/** Where the string that begins at `start` has its last quote; the end of the bytes when it has none. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(quote, start + 1); at !== -1; at = bytes.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (bytes[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return bytes.length;
}
