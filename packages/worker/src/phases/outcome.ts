import { type EndReason, endReasons } from '@gatehouse/shared/end-reasons';
import type { Outcome } from '@gatehouse/shared/worker-reports';
import type { StopCause, StopSignal } from './stop-signal.ts';

export type { Outcome } from '@gatehouse/shared/worker-reports';

export type Counts = Omit<Extract<Outcome, { kind: 'finished' }>, 'kind' | 'hasChanges'>;

const longestMessage = 2000;

export function failed(reason: EndReason, message: string = endReasons[reason]): Outcome {
  return { kind: 'failed', reason, message: message.slice(0, longestMessage) };
}

export function finished(hasChanges: boolean, counts: Counts): Outcome {
  return { kind: 'finished', hasChanges, ...counts };
}

const reasons = {
  phase_timeout: 'phase_timeout',
  session_expired: 'session_expired',
  session_revoked: 'session_revoked',
  worker_stopped: 'worker_stopped',
  given_up: 'worker_lost',
} as const satisfies Record<Exclude<StopCause, 'canceled'>, EndReason>;

/** What a phase came to that was stopped: its first cause, whatever terraform said when it ended, and `whatIsDone`. */
export function outcomeOfStop(stop: StopSignal, whatIsDone?: string): Outcome | undefined {
  if (stop.cause === undefined) return undefined;
  if (stop.cause === 'canceled') return { kind: 'canceled', forced: stop.isForced };
  const reason = reasons[stop.cause];
  return failed(reason, joined(endReasons[reason], whatIsDone));
}

export function joined(sentence: string, more: string | undefined): string {
  return more === undefined ? sentence : `${sentence} ${more}`;
}
