import { isUtf8 } from 'node:buffer';

/**
 * Takes out of a run's output what would act on the reader's terminal or forge the log: every escape sequence but
 * colours (SGR), control characters but tab and line ends, and with them STX and ETX, which frame a whole log; and what
 * turns the direction of text, which shows a line in another order than it has (trojansource.codes). A
 * provisioner's escape sequences pass terraform unfiltered.
 */
export class TerminalFilter {
  #state: 'text' | 'escape' | 'control' | 'string' | 'string-escape' = 'text';
  /** The bytes of a character so far that may have to go, until its last one tells. */
  #character: number[] = [];
  /** Bytes that the character which has begun still wants. */
  #missing = 0;
  /** The bytes of a control sequence so far, to be kept when it turns out to be a colour. */
  #sequence: number[] = [];
  #stringLength = 0;

  push(bytes: Uint8Array): Uint8Array {
    const isWhole = this.#state === 'text' && this.#missing === 0;
    if (isWhole && !hasSuspect(bytes) && isUtf8(bytes)) return bytes;
    const out: number[] = [];
    for (const byte of bytes) this.#step(byte, out);
    return Uint8Array.from(out);
  }

  #step(byte: number, out: number[]): void {
    if (this.#state === 'text') this.#text(byte, out);
    else if (this.#state === 'escape') this.#escape(byte, out);
    else if (this.#state === 'control') this.#control(byte, out);
    else this.#string(byte, out);
  }

  #text(byte: number, out: number[]): void {
    if (this.#missing > 0 && isContinuation(byte)) {
      this.#continue(byte, out);
      return;
    }
    // Of a character that was cut off.
    out.push(...this.#character.filter((each) => !isEightBitControl(each)));
    this.#character = [];
    this.#missing = continuationsOf(byte);
    if (byte === esc) this.#state = 'escape';
    else if (this.#missing > 0) this.#character = [byte];
    else if (!isControl(byte) && !isEightBitControl(byte)) out.push(byte);
  }

  #continue(byte: number, out: number[]): void {
    this.#character.push(byte);
    this.#missing -= 1;
    if (this.#missing > 0) return;
    if (!acts(this.#character)) out.push(...this.#character);
    this.#character = [];
  }

  #escape(byte: number, out: number[]): void {
    if (byte === 0x5b) {
      this.#state = 'control';
      this.#sequence = [esc, byte];
    } else if (stringOpeners.has(byte)) {
      this.#state = 'string';
      this.#stringLength = 0;
    } else if (byte >= 0x20 && byte <= 0x2f) {
      // Intermediate bytes of a longer escape such as ESC ( B: its final byte follows.
      this.#state = 'escape';
    } else {
      this.#state = 'text';
      if (isLineEnd(byte) || byte === esc || byte >= 0x80) this.#text(byte, out);
    }
  }

  #control(byte: number, out: number[]): void {
    const isParameter = byte >= 0x20 && byte <= 0x3f;
    if (isParameter && this.#sequence.length < longestSequence) {
      this.#sequence.push(byte);
      return;
    }
    this.#state = 'text';
    if (byte === 0x6d && this.#sequence.slice(2).every(isColourParameter)) {
      for (const kept of this.#sequence) out.push(kept);
      out.push(byte);
    } else if (byte < 0x40 || byte > 0x7e) {
      this.#text(byte, out);
    }
  }

  /** OSC, DCS and their like, up to BEL or ST; also to the end of the line, so that an open one cannot eat the log. */
  #string(byte: number, out: number[]): void {
    const closes = byte === 0x07 || (this.#state === 'string-escape' && byte === 0x5c);
    this.#stringLength++;
    if (closes) this.#state = 'text';
    else if (isLineEnd(byte) || this.#stringLength > longestString) {
      this.#state = 'text';
      this.#text(byte, out);
    } else this.#state = byte === esc ? 'string-escape' : 'string';
  }
}

const esc = 0x1b;
/** `]` OSC, `P` DCS, `X` SOS, `^` PM, `_` APC. */
const stringOpeners: ReadonlySet<number> = new Set([0x5d, 0x50, 0x58, 0x5e, 0x5f]);
/** A colour of 24 bits for both grounds has below 40. */
const longestSequence = 64;
/** A window title or a link is shorter. */
const longestString = 4096;

/** U+0080 to U+009F, the eight-bit forms of escape sequences; U+202A to U+202E and U+2066 to U+2069 turn the direction. */
function acts([first, second = 0, third = 0]: readonly number[]): boolean {
  if (first === 0xc2) return second <= 0x9f;
  if (first !== 0xe2) return false;
  return (second === 0x80 && third >= 0xaa && third <= 0xae) || (second === 0x81 && third >= 0xa6 && third <= 0xa9);
}

/** Nearly all output has none: it is looked through as fast as it comes. */
function hasSuspect(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (suspects[bytes[at] ?? 0] === 1) return true;
  return false;
}

/** How many bytes follow this first one of a character (RFC 3629). */
function continuationsOf(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
/** Where it stands by itself. */
const isEightBitControl = (byte: number): boolean => byte >= 0x80 && byte <= 0x9f;
const isLineEnd = (byte: number): boolean => byte === 0x0a || byte === 0x0d;
const isControl = (byte: number): boolean => (byte < 0x20 && byte !== 0x09 && !isLineEnd(byte)) || byte === 0x7f;
/** By byte, whether it is a control character or may begin one that acts. */
const suspects = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(isControl(byte) || byte === 0xc2 || byte === 0xe2),
);
const isColourParameter = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || byte === 0x3b || byte === 0x3a;
