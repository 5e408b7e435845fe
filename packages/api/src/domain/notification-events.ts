import { type MfaLevel, needsMfa } from '@gatehouse/shared/mfa-level';
import { type RunStatus, runningPhase } from '@gatehouse/shared/run-status';

/** What of a run can be told: the words of the TFE API, and one of ours. */
export const notificationTriggers = [
  'run:created',
  'run:planning',
  'run:needs_mfa',
  'run:needs_attention',
  'run:applying',
  'run:completed',
  'run:errored',
] as const;
export type NotificationTrigger = (typeof notificationTriggers)[number];

type Told = { message: string; trigger: NotificationTrigger | undefined };

/** By the status that a run comes to. */
const told: Record<RunStatus, Told> = {
  pending: { message: 'Run Created', trigger: 'run:created' },
  awaiting_plan_mfa: { message: 'Run Needs an AWS MFA Code', trigger: 'run:needs_mfa' },
  plan_queued: { message: 'Run Plan Queued', trigger: undefined },
  planning: { message: 'Run Planning', trigger: 'run:planning' },
  planned: { message: 'Run Needs Attention', trigger: 'run:needs_attention' },
  planned_and_saved: { message: 'Run Planned and Saved', trigger: 'run:needs_attention' },
  awaiting_apply_mfa: { message: 'Run Needs an AWS MFA Code', trigger: 'run:needs_mfa' },
  apply_queued: { message: 'Run Apply Queued', trigger: undefined },
  applying: { message: 'Run Applying', trigger: 'run:applying' },
  planned_and_finished: { message: 'Run Planned and Finished', trigger: 'run:completed' },
  applied: { message: 'Run Applied', trigger: 'run:completed' },
  errored: { message: 'Run Errored', trigger: 'run:errored' },
  discarded: { message: 'Run Discarded', trigger: 'run:errored' },
  canceled: { message: 'Run Canceled', trigger: 'run:errored' },
};

export type RunComesTo = { status: RunStatus; planOnly: boolean; autoApply: boolean; mfaLevel: MfaLevel };

/**
 * The triggers that a change of a run sets off, the most telling first; a receiver is told by the first that it asked
 * for, and so once. Of a plan-only run, as on the TFE API, nothing is told, but that a person must enter a code.
 */
export function triggersOf(run: RunComesTo): readonly NotificationTrigger[] {
  const { trigger } = told[run.status];
  if (run.planOnly) return trigger === 'run:needs_mfa' ? [trigger] : [];
  if (trigger === 'run:needs_mfa') return [trigger, 'run:needs_attention'];
  if (trigger !== 'run:needs_attention') return trigger === undefined ? [] : [trigger];
  // Auto-apply decides at once: nobody is waited for.
  if (run.autoApply) return [];
  // A code that comes now is the decision (M5).
  return needsMfa(run.mfaLevel, 'apply') ? ['run:needs_mfa', trigger] : [trigger];
}

/** A phase goes on, and its session ends before it does: a code is asked for that extends it. */
export const extensionTriggers: readonly NotificationTrigger[] = ['run:needs_mfa', 'run:needs_attention'];

/** Of a run whose phase runs nothing else is told under these triggers. */
export function isAboutExtension(status: RunStatus, trigger: NotificationTrigger): boolean {
  return runningPhase(status) !== undefined && extensionTriggers.includes(trigger);
}

/** The sentence of TFE's payload. */
export function notificationMessage(status: RunStatus, trigger: NotificationTrigger): string {
  if (isAboutExtension(status, trigger)) return 'Run Needs an AWS MFA Code to Go On';
  return trigger === 'run:needs_mfa' ? told.awaiting_plan_mfa.message : told[status].message;
}
