/** The api's clock as this page knows it: deadlines and codes are counted by it, not by the reader's own. */
export type ServerClock = {
  /** Milliseconds since 1970; the browser's own clock until an answer has come. */
  now(): number;
  /** Learns from the `Date` header of an answer (whole seconds) and from when the request was sent and answered. */
  observe(dateHeader: string | null, sentAt: number, answeredAt: number): void;
};

// `Date` is cut to the second, so on average half of one is missing.
const missingMs = 500;
// An answer that took longer says too little about when it was dated.
const maxRoundTripMs = 5_000;

/** `localNow` must not jump with the reader's settings while the page is open: performance.now() based. */
export function createServerClock(localNow: () => number = monotonicNow): ServerClock {
  let offsetMs = 0;
  let uncertaintyMs = Number.POSITIVE_INFINITY;
  return {
    now: () => localNow() + offsetMs,
    observe(dateHeader, sentAt, answeredAt) {
      const dated = dateHeader === null ? Number.NaN : Date.parse(dateHeader);
      const roundTrip = answeredAt - sentAt;
      if (Number.isNaN(dated) || roundTrip > maxRoundTripMs) return;
      const estimate = dated + missingMs - (sentAt + roundTrip / 2);
      const error = missingMs + roundTrip / 2;
      // Each answer narrows it: the better one holds, unless the clocks have drifted out of both.
      if (error > uncertaintyMs && Math.abs(estimate - offsetMs) < error + uncertaintyMs) return;
      offsetMs = estimate;
      uncertaintyMs = error;
    },
  };
}

export function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}
