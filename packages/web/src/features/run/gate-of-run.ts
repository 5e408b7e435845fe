import { needsMfa } from '@gatehouse/shared/mfa-level';
import { canConfirm, type Phase, phaseAwaitingMfa, runningPhase } from '@gatehouse/shared/run-status';
import { isExtending, type Mfa } from '../../api-client/mfa.ts';
import type { Run } from '../../api-client/run.ts';
import type { LockState } from '../mfa/lock-states.ts';

/** What a person can do about a run now, if anything. */
export type Gate =
  | { kind: 'none' }
  /** A code is awaited, or being checked. For an apply it is the decision too. */
  | { kind: 'code'; phase: Phase; mfa: Mfa }
  /** A phase runs, and its session ends before it: a code extends it meanwhile. */
  | { kind: 'extend'; phase: Phase; mfa: Mfa }
  /** A finished plan, and no code is needed. */
  | { kind: 'decision' }
  /** The code never came, or never the right one. */
  | { kind: 'given-up'; phase: Phase; mfa: Mfa };

export function gateOf(run: Run): Gate {
  const { mfa, status } = run;
  const awaited =
    phaseAwaitingMfa(status) ?? (canConfirm(status) && needsMfa(run.level, 'apply') ? 'apply' : undefined);
  if (awaited !== undefined && mfa?.phase === awaited) return { kind: 'code', phase: awaited, mfa };
  if (canConfirm(status)) return { kind: 'decision' };
  const running = runningPhase(status);
  if (running !== undefined && mfa?.phase === running && isExtending(mfa)) {
    return { kind: 'extend', phase: running, mfa };
  }
  if (mfa !== undefined && isGivenUp(run)) return { kind: 'given-up', phase: mfa.phase, mfa };
  return { kind: 'none' };
}

export function isGivenUp({ endReason }: Pick<Run, 'endReason'>): boolean {
  return endReason === 'mfa_deadline_passed' || endReason === 'mfa_too_many_attempts';
}

/** The lock beside a phase. */
export function lockOfPhase(run: Run, phase: Phase): LockState {
  const mfa = run.mfaOfPhase[phase];
  if (mfa === undefined) return needsMfa(run.level, phase) ? 'waiting' : 'off';
  if (mfa.state === 'authenticated') return 'authenticated';
  if (mfa.state === 'exchanging') return 'exchanging';
  if (mfa.state === 'awaiting') return mfa.lastError === undefined ? 'waiting' : 'refused';
  if (mfa.state === 'withdrawn') return 'off';
  return run.endReason === 'mfa_too_many_attempts' ? 'no-tries' : 'expired';
}
