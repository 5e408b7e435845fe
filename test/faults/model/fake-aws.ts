/** One call of AWS with a code, for one exchange of the api. */
type Call = { serial: string; code: string; exchangeId: string };

/** What AWS knows of MFA devices: which codes are theirs, and that each is good for one session. */
export function createFakeAws() {
  let next = 100_000;
  const real = new Set<string>();
  const spent = new Map<string, Call>();
  /** The challenge tries for which AWS gave a session: `<challenge>.<attempt>`, with the call that did it. */
  const released = new Map<string, Call>();

  return {
    released,
    /** A code that the device shows now. */
    freshCode(serial: string): string {
      const code = String(next++);
      real.add(`${serial} ${code}`);
      return code;
    },
    /** A code that no device ever shows. */
    wrongCode: (pick: number) => String(900_000 + (pick % 1000)),
    /** Whether AWS gives a session for it; by that the code is spent. */
    judge(call: Call, attempts: readonly string[]): boolean {
      const name = `${call.serial} ${call.code}`;
      if (!real.has(name) || spent.has(name)) return false;
      spent.set(name, call);
      for (const attempt of attempts) released.set(attempt, call);
      return true;
    },
  };
}

export type FakeAws = ReturnType<typeof createFakeAws>;
