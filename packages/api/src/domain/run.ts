import { type MfaLevel, needsMfa } from '@gatehouse/shared/mfa-level';
import {
  claimablePhase,
  type Phase,
  phaseAwaitingMfa,
  type RunEvent,
  type RunStatus,
  runningPhase,
} from '@gatehouse/shared/run-status';

/** The pure rules of a run: what follows from what, without a database. */
export type RunKind = {
  planOnly: boolean;
  savePlan: boolean;
  autoApply: boolean;
  mfaLevel: MfaLevel;
  /** A plan without changes is to be decided on like any other. */
  allowEmptyApply?: boolean;
};

/** The phases that a run will have if all goes well. */
export function phasesOf(run: Pick<RunKind, 'planOnly'>): readonly Phase[] {
  return run.planOnly ? ['plan'] : ['plan', 'apply'];
}

/** Whether any phase of the run will ask for a code, and so the AWS variables must be set (M2). */
export function needsMfaAnywhere(run: Pick<RunKind, 'planOnly' | 'mfaLevel'>): boolean {
  return phasesOf(run).some((phase) => needsMfa(run.mfaLevel, phase));
}

/** What happens to a pending run whose turn has come. */
export function releaseEvent(run: Pick<RunKind, 'mfaLevel'>): 'planReleased' | 'planMfaRequired' {
  return needsMfa(run.mfaLevel, 'plan') ? 'planMfaRequired' : 'planReleased';
}

/** What a decision to apply leads to when no code came with it. */
export function decisionEvent(run: Pick<RunKind, 'mfaLevel'>): 'applyConfirmed' | 'applyMfaRequired' {
  return needsMfa(run.mfaLevel, 'apply') ? 'applyMfaRequired' : 'applyConfirmed';
}

/** A run that waits for nobody: it only plans, or plans what is decided on another day. */
export function plansAtOnce(run: Pick<RunKind, 'planOnly' | 'savePlan'>): boolean {
  return run.planOnly || run.savePlan;
}

/**
 * The events that a plan which ended well brings about, in order. Auto-apply decides, but brings no code (M5). A saved
 * plan always waits for a person.
 */
export function eventsAfterPlan(run: RunKind, hasChanges: boolean): readonly [RunEvent, ...RunEvent[]] {
  if (run.planOnly || !(hasChanges || run.allowEmptyApply)) return ['planFinished'];
  if (run.savePlan) return ['planSaved'];
  return run.autoApply ? ['planAwaitsDecision', decisionEvent(run)] : ['planAwaitsDecision'];
}

/** Waits for its turn, or for a worker; not for a person. */
export function isQueued(status: RunStatus): boolean {
  return status === 'pending' || claimablePhase(status) !== undefined;
}

/** The phase that a status belongs to: whose log is open, and which is left behind when the run ends there. */
export function phaseInHand(status: RunStatus): Phase | undefined {
  if (status === 'pending') return 'plan';
  return phaseAwaitingMfa(status) ?? claimablePhase(status) ?? runningPhase(status);
}
