import { type MfaLevel, needsMfa } from '@gatehouse/shared/mfa-level';
import {
  canConfirm,
  claimablePhase,
  isTerminal,
  phaseAwaitingMfa,
  type RunStatus,
  runningPhase,
} from '@gatehouse/shared/run-status';

/** One change of a run's status, from its history. */
export type HistoryEntry = { event: string; toStatus: RunStatus; at: number; by: string; reason?: string | undefined };

export const stepIds = ['queued', 'plan-code', 'plan', 'review', 'apply', 'done'] as const;
export type StepId = (typeof stepIds)[number];

export type RunStep = {
  id: StepId;
  label: string;
  state: 'done' | 'current' | 'upcoming' | 'skipped' | 'failed';
  /** When it began; undefined while it is to come, or was skipped. */
  startedAt: number | undefined;
  /** When the next one began. */
  endedAt: number | undefined;
  /** Who brought it to its end, or its beginning where that is all there is. */
  by: string | undefined;
};

export type RunOfSteps = {
  status: RunStatus;
  level: MfaLevel;
  planOnly: boolean;
  history: readonly HistoryEntry[];
};

/** The steps of a run, in order. Its level decides which there are; facts come from its history, never from its log. */
export function stepsOf(run: RunOfSteps): RunStep[] {
  const ids = stepIds.filter((id) => (id === 'plan-code' ? needsMfa(run.level, 'plan') : true));
  const wanted = run.planOnly ? ids.filter((id) => id !== 'review' && id !== 'apply') : ids;
  const entered = enteredSteps(run.history);
  const isOver = isTerminal(run.status);
  const last = isOver ? lastBeforeEnd(run.history) : stepOfStatus(run.status);
  return wanted.map((id) => {
    const entry = entered.get(id);
    const next = nextEntry(run.history, id);
    return {
      id,
      label: labelOf(id, run),
      state: stateOf(id, { run, last, isOver, wasEntered: entry !== undefined }),
      startedAt: id === 'done' && !isOver ? undefined : entry?.at,
      endedAt: next?.at,
      by: id === 'queued' ? entry?.by : next?.by,
    };
  });
}

export function stepOfStatus(status: RunStatus): StepId {
  if (isTerminal(status)) return 'done';
  if (status === 'pending') return 'queued';
  if (canConfirm(status)) return 'review';
  const awaited = phaseAwaitingMfa(status);
  if (awaited !== undefined) return awaited === 'plan' ? 'plan-code' : 'review';
  return (claimablePhase(status) ?? runningPhase(status)) === 'apply' ? 'apply' : 'plan';
}

function labelOf(id: StepId, run: RunOfSteps): string {
  const labels: Record<StepId, string> = {
    queued: 'Queued',
    'plan-code': 'Code',
    plan: 'Plan',
    review: needsMfa(run.level, 'apply') ? 'Review and code' : 'Review',
    apply: 'Apply',
    done: endLabel(run.status),
  };
  return labels[id];
}

function endLabel(status: RunStatus): string {
  if (status === 'errored') return 'Errored';
  if (status === 'discarded') return 'Discarded';
  if (status === 'canceled') return 'Canceled';
  return 'Done';
}

function stateOf(
  id: StepId,
  facts: { run: RunOfSteps; last: StepId; isOver: boolean; wasEntered: boolean },
): RunStep['state'] {
  const { run, last, isOver, wasEntered } = facts;
  const isFailure = run.status === 'errored';
  if (isOver) {
    if (id === 'done') return isFailure ? 'failed' : 'done';
    if (isFailure && id === last) return 'failed';
    return wasEntered || id === 'queued' ? 'done' : 'skipped';
  }
  if (id === last) return 'current';
  return stepIds.indexOf(id) < stepIds.indexOf(last) ? 'done' : 'upcoming';
}

/** The first entry of each step. A run that did not have to wait was queued all the same: at its creation. */
function enteredSteps(history: readonly HistoryEntry[]): ReadonlyMap<StepId, HistoryEntry> {
  const entered = new Map<StepId, HistoryEntry>();
  const [created] = history;
  if (created !== undefined) entered.set('queued', created);
  for (const entry of history) {
    const id = stepOfStatus(entry.toStatus);
    if (!entered.has(id)) entered.set(id, entry);
  }
  return entered;
}

/** What ended a step: the first change to a later one. */
function nextEntry(history: readonly HistoryEntry[], id: StepId): HistoryEntry | undefined {
  const start = history.findIndex((entry) => stepOfStatus(entry.toStatus) === id);
  if (start === -1 && id !== 'queued') return undefined;
  return history.slice(Math.max(0, start)).find((entry) => isLater(stepOfStatus(entry.toStatus), id));
}

function isLater(step: StepId, than: StepId): boolean {
  return stepIds.indexOf(step) > stepIds.indexOf(than);
}

function lastBeforeEnd(history: readonly HistoryEntry[]): StepId {
  const before = history.filter((entry) => !isTerminal(entry.toStatus)).at(-1);
  return before === undefined ? 'queued' : stepOfStatus(before.toStatus);
}
