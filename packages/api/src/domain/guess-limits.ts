// How many wrong guesses are borne, and from whom: docs/decisions/0025-guessing.md.

/** So many wrong guesses within so long; the next waits until the oldest of them is that long ago. */
export type GuessLimit = { max: number; withinMs: number };

const minutes = (count: number) => count * 60_000;

/** The longest `withinMs` of all: what is older is dropped. */
export const guessMemoryMs = minutes(60);

export const passwordLimits = {
  /** At one account, from one address or from one known browser. Who has forgotten which it was tries fewer. */
  ofSource: { max: 10, withinMs: minutes(15) },
  /** At one account, from everywhere: what many addresses may try together. Known browsers and addresses are past it. */
  ofAccount: { max: 100, withinMs: minutes(60) },
  /** At whatever accounts, from one address: one password tried with many names. An office may be behind it. */
  ofAddress: { max: 100, withinMs: minutes(60) },
} as const satisfies Record<string, GuessLimit>;

/** Codes of one device. A million of them, of which AWS takes a few at any moment. */
export const codeLimits = {
  /** Of one person, over all runs; `GATEHOUSE_MFA_WRONG_CODES_PER_HOUR`. */
  ofPerson: { max: 10, withinMs: minutes(60) },
  /** Of all people together. Past it each has `ofPersonUnderAttack` left, so that nobody is kept out by the others. */
  ofDevice: { max: 30, withinMs: minutes(60) },
  ofPersonUnderAttack: { max: 3, withinMs: minutes(60) },
} as const satisfies Record<string, GuessLimit>;

/** `times`: of the guesses so far, the newest first. Undefined: one more is borne; else the seconds until it is. */
export function secondsToNextGuess(
  times: readonly Date[],
  { max, withinMs }: GuessLimit,
  now: Date,
): number | undefined {
  const last = times[max - 1];
  const waitMs = last === undefined ? 0 : last.getTime() + withinMs - now.getTime();
  return waitMs > 0 ? Math.ceil(waitMs / 1000) : undefined;
}
