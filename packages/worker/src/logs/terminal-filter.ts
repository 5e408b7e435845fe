/**
 * Takes out of a run's output what would act on the reader's terminal or forge the log: every escape sequence but
 * colours (SGR), control characters but tab and line ends, and with them STX and ETX, which frame a whole log. A
 * provisioner's escape sequences pass terraform unfiltered.
 */
export class TerminalFilter {
  #state: 'text' | 'escape' | 'control' | 'string' | 'string-escape' | 'c2' = 'text';
  /** The bytes of a control sequence so far, to be kept when it turns out to be a colour. */
  #sequence: number[] = [];
  #stringLength = 0;

  push(bytes: Uint8Array): Uint8Array {
    if (this.#state === 'text' && !bytes.some(isSuspect)) return bytes;
    const out: number[] = [];
    for (const byte of bytes) this.#step(byte, out);
    return Uint8Array.from(out);
  }

  #step(byte: number, out: number[]): void {
    if (this.#state === 'text') this.#text(byte, out);
    else if (this.#state === 'escape') this.#escape(byte, out);
    else if (this.#state === 'control') this.#control(byte, out);
    else if (this.#state === 'c2') this.#afterC2(byte, out);
    else this.#string(byte, out);
  }

  #text(byte: number, out: number[]): void {
    if (byte === esc) this.#state = 'escape';
    else if (byte === 0xc2) this.#state = 'c2';
    else if (!isControl(byte)) out.push(byte);
  }

  /** U+0080..U+009F in UTF-8: the eight-bit forms of the same sequences. */
  #afterC2(byte: number, out: number[]): void {
    this.#state = 'text';
    if (byte >= 0x80 && byte <= 0x9f) return;
    out.push(0xc2);
    this.#text(byte, out);
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

const isLineEnd = (byte: number): boolean => byte === 0x0a || byte === 0x0d;
const isControl = (byte: number): boolean => (byte < 0x20 && byte !== 0x09 && !isLineEnd(byte)) || byte === 0x7f;
const isSuspect = (byte: number): boolean => isControl(byte) || byte === 0xc2;
const isColourParameter = (byte: number): boolean => (byte >= 0x30 && byte <= 0x39) || byte === 0x3b || byte === 0x3a;
