/** Redis is written to once in this time, by the average: of steady output, what comes within it is stored together. */
const intervalMs = 20;
/** After silence, at once: so that a line by itself, or a few by their turns, are read without delay. */
const atOnce = 5;

/** How often a log is stored. */
export class StorePace {
  /** When the average allows it next; before now by what was saved up. */
  #nextAt = 0;

  /** 0 or less: it may be stored now. */
  waitMs(now = performance.now()): number {
    return this.#nextAt - now;
  }

  /** It is stored now, in time or not. */
  store(now = performance.now()): void {
    this.#nextAt = Math.max(this.#nextAt, now - (atOnce - 1) * intervalMs) + intervalMs;
  }
}
