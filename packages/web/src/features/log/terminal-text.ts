// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what this file looks for.

/*
 * What of a terminal's byte stream the page keeps: text and SGR colours. Cursor movement, titles, hyperlinks (OSC 8) and
 * every other control are dropped, so that a log cannot draw over the page's own words.
 */

// CSI … final byte | OSC … BEL or ST (or the line's end) | DCS, SOS, PM, APC … ST | other two-byte escapes.
const escapeSequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~]?)/g;
const colourSequence = /^\x1b\[[0-9;]*m$/;
const anyColour = /\x1b\[[0-9;]*m/g;
// C0 but tab and escape, DEL, C1. STX and ETX, which frame a whole log, go with them.
const loneControls = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]/g;
const hasControls = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;

/** One line, without its line feed, with nothing left in it but text, tabs and SGR sequences. */
export function cleanLine(line: string): string {
  if (!hasControls.test(line)) return line;
  const kept = line.replace(escapeSequence, (sequence) => (colourSequence.test(sequence) ? sequence : ''));
  return rewritten(kept).replace(loneControls, '');
}

/** A carriage return begins the line anew; the colours that were set before it still hold. */
function rewritten(line: string): string {
  const segments = line.replace(/\r+$/, '').split('\r');
  const last = segments.pop() ?? '';
  return segments.flatMap((segment) => segment.match(anyColour) ?? []).join('') + last;
}

export function withoutColours(cleaned: string): string {
  return cleaned.includes('\x1b') ? cleaned.replace(anyColour, '') : cleaned;
}

// A log that sets colours for ever and never resets them must not grow its lines' prefix without end.
const maxOpenSequences = 16;
const resets = /^\x1b\[(?:0*|0*;.*)m$/;

/** The SGR sequences that still hold after `cleaned`, which began under `open`. */
export function coloursAfter(open: string, cleaned: string): string {
  if (!cleaned.includes('\x1b')) return open;
  let sequences: string[] = open.match(anyColour) ?? [];
  for (const sequence of cleaned.match(anyColour) ?? []) {
    if (resets.test(sequence)) sequences = [];
    if (!/^\x1b\[0*m$/.test(sequence)) sequences.push(sequence);
  }
  return sequences.slice(-maxOpenSequences).join('');
}
