import { codeLimits } from './guess-limits.ts';

/** The limits of runs that an operator may set. Times in milliseconds. */
export type RunSettings = {
  /** Where people reach Gatehouse, without a slash at the end; printed in logs and links. */
  publicUrl: string;
  /** How long a code is awaited before the run ends as `mfa_deadline_passed`. */
  mfaDeadlineMs: number;
  /** How often the log of a waiting run says that it still waits. */
  mfaReminderMs: number;
  /** How long before its end the session of a running phase asks for the code that extends it. */
  mfaExtendBeforeMs: number;
  /** How many codes AWS may refuse for one phase. */
  mfaTries: number;
  /** How many wrong codes of one device one person may give in an hour, over all runs. */
  mfaWrongCodesPerHour: number;
  /** A whole phase, from its claim to its report. */
  phaseTimeoutMs: number;
  /** Bytes of log after which the rest of a phase's output is cut. */
  logLimitBytes: number;
  /** How long a request that brought a code waits for AWS's answer; later it says that the code is still being checked. */
  exchangeWaitMs: number;
  /** How long after a cancellation it may be forced. */
  forceCancelAfterMs: number;
};

export const defaultRunSettings = {
  // Long enough to fetch the device from another room, short enough that a forgotten run frees its workspace.
  mfaDeadlineMs: 30 * 60_000,
  mfaReminderMs: 5 * 60_000,
  mfaExtendBeforeMs: 10 * 60_000,
  mfaTries: 5,
  mfaWrongCodesPerHour: codeLimits.ofPerson.max,
  // Slow resources (databases, clusters) take about an hour.
  phaseTimeoutMs: 2 * 3_600_000,
  logLimitBytes: 64 * 1024 * 1024,
  exchangeWaitMs: 10_000,
  // The cool-off that clients of the TFE API expect.
  forceCancelAfterMs: 10_000,
} as const satisfies Omit<RunSettings, 'publicUrl'>;
