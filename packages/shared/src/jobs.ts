import type { Phase } from './run-status.ts';

/**
 * The queues between api and workers. Jobs carry no data but their id: Redis is not trusted, so whoever takes a job
 * asks the api what to do and may be refused.
 */
export const queues = {
  /** One parked job per challenge. Woken by a code, or by its deadline without one. */
  gate: 'gate',
  /** One job per phase that may start. */
  runs: 'runs',
  /** What workers tell the api: `{ sealed }`, see `worker-reports.ts`. */
  workerReports: 'worker-reports',
} as const;

/** At most once: terraform and MFA codes are never retried by the queue, whatever crashes. */
export const atMostOnceJob = { attempts: 1, removeOnComplete: { age: 3600 }, removeOnFail: { age: 3600 } } as const;

/**
 * The same rule on the consumer's side. Any worker at BullMQ's defaults would re-run the stalled jobs of all others, so
 * every worker of `gate` and `runs` bears these. `lockDuration` (ms) is long because a busy host may stall for a while.
 */
export const atMostOnceWorker = { maxStalledCount: 0, maxStartedAttempts: 1, lockDuration: 90_000 } as const;

/** Reports may be delivered twice (the api's guards make the second one harmless) and must not be lost. */
export const reportJob = {
  attempts: 1000,
  backoff: { type: 'fixed', delay: 2000 },
  removeOnComplete: { age: 3600 },
  removeOnFail: false,
} as const;

/** Each try of a code has its own gate job, since BullMQ ignores an id that it has seen. Of a set-up check: attempt 0. */
export function gateJobId(challengeId: string, attempt: number): string {
  return `${challengeId}.${attempt}`;
}

export function parseGateJobId(jobId: string): { challengeId: string; attempt: number } | undefined {
  const match = /^(mfa-\w+)\.(\d+)$/.exec(jobId);
  return match?.[1] === undefined ? undefined : { challengeId: match[1], attempt: Number(match[2]) };
}

/** The gate lane takes the jobs of set-up checks, too: each is a few questions to STS, and somebody waits for them. */
export function checkJobId(checkId: string): string {
  return gateJobId(checkId, 0);
}

export function parseCheckJobId(jobId: string): { checkId: string } | undefined {
  const match = /^(awschk-\w+)\.0$/.exec(jobId);
  return match?.[1] === undefined ? undefined : { checkId: match[1] };
}

export function phaseJobId(runId: string, phase: Phase): string {
  return `${runId}.${phase}`;
}

export function parsePhaseJobId(jobId: string): { runId: string; phase: Phase } | undefined {
  const match = /^(run-\w+)\.(plan|apply)$/.exec(jobId);
  if (match?.[1] === undefined) return undefined;
  return { runId: match[1], phase: match[2] === 'plan' ? 'plan' : 'apply' };
}

/** Where a submitted code lies, sealed for this key, until the gate lane takes it (GETDEL). Of a set-up check: attempt 0. */
export function tokenCodeKey(challengeId: string, attempt: number): string {
  return `mfa-code:${gateJobId(challengeId, attempt)}`;
}

/** A code lives 30 s and AWS accepts one step of drift; after this long it is worth nothing. */
export const tokenCodeTtlSeconds = 60;

/** Where the session of a phase lies, sealed for this key, with the session's own time to live. */
export function sessionKey(runId: string, phase: Phase): string {
  return `session:${runId}:${phase}`;
}

/** Pub/sub channel on which a running phase hears that it is to stop or that there is news; sealed for this channel's name. */
export function cancelChannel(runId: string, phase: Phase): string {
  return `cancel:${runId}:${phase}`;
}

/** `interrupt`: one SIGINT to terraform, which saves its state. `kill`: SIGKILL, at once. */
export const cancelModes = ['interrupt', 'kill'] as const;
export type CancelMode = (typeof cancelModes)[number];

/** Why a phase is told to stop; the run then ends for that reason. */
export const cancelCauses = ['canceled', 'session_revoked'] as const;
export type CancelCause = (typeof cancelCauses)[number];
