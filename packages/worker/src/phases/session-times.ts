/** No more of a short session than this share is given up for the margin. */
const largestMarginShare = 0.2;

export type SessionTimes = {
  /** When terraform is interrupted, so that what is in flight ends with a session that is still good. */
  stopsAt: Date;
  /** From when on the next session is wanted. */
  asksAt: Date;
};

/**
 * The hours of a session that begins to be used `now`. Nobody is asked before its half, so that an extension brings time;
 * where `extendBeforeMs` is no more than the margin it would come too late, and the half holds as well.
 */
export function sessionTimes(
  expiresAt: Date,
  wishes: { now: number; marginMs: number; extendBeforeMs: number },
): SessionTimes {
  const end = expiresAt.getTime();
  const leftMs = Math.max(0, end - wishes.now);
  const stopsAt = end - Math.min(wishes.marginMs, leftMs * largestMarginShare);
  const half = end - leftMs / 2;
  const wanted = end - wishes.extendBeforeMs;
  return { stopsAt: new Date(stopsAt), asksAt: new Date(wanted < stopsAt ? Math.max(wanted, half) : half) };
}
