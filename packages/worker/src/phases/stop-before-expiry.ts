import type { StopSignal } from './stop-signal.ts';

/** No more of a short session than this share is given up for the margin. */
const largestMarginShare = 0.2;
/** setTimeout's largest delay; a longer session outlives every phase timeout. */
const longestTimerMs = 2 ** 31 - 1;

/** Asks terraform to stop while the session can still finish what is in flight. The state does not depend on the session. */
export function stopBeforeExpiry(expiresAt: Date | undefined, marginMs: number, stop: StopSignal): void {
  if (expiresAt === undefined) return;
  const leftMs = expiresAt.getTime() - Date.now();
  const delayMs = Math.max(0, leftMs - Math.min(marginMs, leftMs * largestMarginShare));
  if (delayMs > longestTimerMs) return;
  stop.alsoAt(delayMs, 'session_expired', 'interrupt');
}
