export type CountedLines = { lines: number; bytes: number; ms: number };

/** Counts lines that are numbered `line 00000000` and so on, and throws where one is missing or comes twice. */
export class LineCount {
  #rest = '';
  #lines = 0;
  #bytes = 0;
  #firstAt: number | undefined;
  #lastAt = 0;

  take(text: string, at: number): void {
    const whole = (this.#rest + text).split('\n');
    this.#rest = whole.pop() ?? '';
    for (const line of whole) {
      const number = /line (\d{8}) /.exec(line)?.[1];
      if (number === undefined) continue;
      if (Number(number) !== this.#lines) throw new Error(`Line ${number} came where line ${this.#lines} was due.`);
      this.#lines++;
      this.#bytes += line.length + 1;
      this.#firstAt ??= at;
      this.#lastAt = at;
    }
  }

  /** `ms`: from the arrival of the first to that of the last. */
  result(): CountedLines {
    return { lines: this.#lines, bytes: this.#bytes, ms: this.#lastAt - (this.#firstAt ?? this.#lastAt) };
  }
}
