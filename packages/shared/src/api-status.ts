import type { Phase, RunStatus } from './run-status.ts';

/**
 * The words of `/api/v2`. Clients of the TFE API know a closed list of run statuses, and the CLI tails a log at once
 * only in some of them; so a run that awaits a code shows as queued there, with `mfa_waiting` on its plan or apply, a
 * status that go-tfe owns. This file is the only place where the words differ from ours.
 */
type ApiWords = { run: string; plan: PhaseStatus; apply: PhaseStatus; gatehouse: string };

/** Plan and apply statuses as go-tfe knows them (plan.go, apply.go). */
export type PhaseStatus =
  | 'pending'
  | 'mfa_waiting'
  | 'queued'
  | 'running'
  | 'finished'
  | 'errored'
  | 'canceled'
  | 'unreachable';

/** How a phase ended; a phase that has not ended has none. */
export const phaseOutcomes = ['finished', 'errored', 'canceled'] as const satisfies readonly PhaseStatus[];
export type PhaseOutcome = (typeof phaseOutcomes)[number];

const same = (run: RunStatus, plan: PhaseStatus, apply: PhaseStatus): ApiWords => ({
  run,
  plan,
  apply,
  gatehouse: run,
});

const words: Record<RunStatus, ApiWords> = {
  pending: same('pending', 'pending', 'pending'),
  awaiting_plan_mfa: { run: 'plan_queued', plan: 'mfa_waiting', apply: 'pending', gatehouse: 'awaiting_mfa' },
  plan_queued: same('plan_queued', 'queued', 'pending'),
  planning: same('planning', 'running', 'pending'),
  planned: same('planned', 'finished', 'pending'),
  planned_and_saved: same('planned_and_saved', 'finished', 'pending'),
  awaiting_apply_mfa: { run: 'apply_queued', plan: 'finished', apply: 'mfa_waiting', gatehouse: 'awaiting_mfa' },
  apply_queued: same('apply_queued', 'finished', 'queued'),
  applying: same('applying', 'finished', 'running'),
  planned_and_finished: same('planned_and_finished', 'finished', 'unreachable'),
  applied: same('applied', 'finished', 'finished'),
  errored: same('errored', 'unreachable', 'unreachable'),
  discarded: same('discarded', 'unreachable', 'unreachable'),
  canceled: same('canceled', 'unreachable', 'unreachable'),
};

export function apiRunStatus(status: RunStatus): string {
  return words[status].run;
}

/** Our own word for the status, the same for both phases: `awaiting_mfa`, else the status itself. */
export function gatehouseStatus(status: RunStatus): string {
  return words[status].gatehouse;
}

/** A phase that has ended says how; one that never ran in a run that is over is `unreachable`. */
export function apiPhaseStatus(status: RunStatus, phase: Phase, outcome: PhaseOutcome | undefined): PhaseStatus {
  return outcome ?? words[status][phase];
}
