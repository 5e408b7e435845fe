import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const opening: readonly number[] = [0x7b, 0x5b];
const closing: readonly number[] = [0x7d, 0x5d];
const space: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/** A serial with as many zeros behind its point is none that terraform writes. */
const longestNumber = 1_000;

/**
 * The same state with another serial. The number is replaced where it stands: parsing and printing would round large
 * numbers of the resources. The bytes are a state that `parseStateFile` took.
 */
export function replaceSerial(bytes: Buffer, serial: number): Buffer {
  const start = valueOfTopLevelKey(bytes, 'serial');
  const old = /^-?\d[\d.eE+-]*/.exec(bytes.toString('latin1', start, start + longestNumber))?.[0];
  if (old === undefined) throw new GatehouseError('internal', 'The serial of a stored state is not a number.');
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(String(serial)), bytes.subarray(start + old.length)]);
}

/** Where the value begins; the last one, as JSON parsers take it. */
function valueOfTopLevelKey(bytes: Buffer, key: string): number {
  let found: number | undefined;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (opening.includes(byte)) depth++;
    else if (closing.includes(byte)) depth--;
    else if (byte === quote) {
      const end = endOfText(bytes, at);
      const after = skipSpace(bytes, end + 1);
      const isKey = depth === 1 && bytes[after] === colon;
      if (isKey && JSON.parse(bytes.toString('utf8', at, end + 1)) === key) found = skipSpace(bytes, after + 1);
      at = end;
    }
  }
  if (found === undefined) throw new GatehouseError('internal', `A stored state has no ${key}.`);
  return found;
}

function endOfText(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); ; end = bytes.indexOf(quote, end + 1)) {
    if (end === -1) throw new GatehouseError('internal', 'A text of a stored state has no end.');
    let backslashes = 0;
    while (bytes[end - 1 - backslashes] === backslash) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (space.includes(bytes[at] ?? 0)) at++;
  return at;
}
