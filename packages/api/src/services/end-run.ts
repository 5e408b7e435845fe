import type { PhaseOutcome } from '@gatehouse/shared/api-status';
import { type EndReason, endReasons } from '@gatehouse/shared/end-reasons';
import { claimablePhase, type RunEvent, runningPhase } from '@gatehouse/shared/run-status';
import { phaseInHand } from '../domain/run.ts';
import { challengesOfRuns, isOpen } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import { findPhase, updatePhase } from '../store/phases.ts';
import { applyEvent, type Run } from '../store/runs.ts';
import { endPhase } from './end-phase.ts';
import { releaseNextRun } from './release-workspace.ts';
import type { Change } from './run-core.ts';
import { withdrawChallenge } from './withdraw-challenge.ts';

export type RunEnd = {
  runId: string;
  event: RunEvent;
  reason: EndReason;
  /** A sentence about this run; undefined: the reason's own. */
  message?: string | undefined;
  /** A person's words, for the history. */
  comment?: string | undefined;
  by: string;
  /** How the phase in hand is shown; undefined leaves it as one that never ran. */
  outcome?: PhaseOutcome | undefined;
  /** Last lines of the log of the phase in hand; a worker has written its own. */
  logLines?: readonly string[];
  forced?: boolean;
};

/**
 * The one way in which a run ends: the event, then all that must not outlive the run: its phase, its challenges, its
 * jobs, its sessions, its log. Frees the workspace for the next run.
 */
export function endRun(change: Change, end: RunEnd): Run {
  const { transaction, at } = change;
  const { run, from } = applyEvent(transaction, {
    runId: end.runId,
    event: end.event,
    by: end.by,
    at,
    reason: end.comment || end.reason,
    set: {
      endReason: end.reason,
      endMessage: end.message ?? endReasons[end.reason],
      ...(end.forced ? { forceCanceledAt: at } : {}),
    },
  });
  for (const challenge of challengesOfRuns(transaction, [run.id]).filter(isOpen)) withdrawChallenge(change, challenge);
  const queued = claimablePhase(from);
  if (queued) enqueue(transaction, { runId: run.id, at }, { kind: 'remove-phase', phase: queued });
  const phase = phaseInHand(from);
  if (phase) {
    if (end.outcome && findPhase(transaction, run.id, phase)?.outcome === null) {
      updatePhase(transaction, run.id, phase, { outcome: end.outcome, endedAt: at });
    }
    // The log of a run that never came so far holds the end of it: terraform's own client reads it there.
    if (runningPhase(from) === undefined) enqueue(transaction, { runId: run.id, at }, { kind: 'open-log', phase });
    endPhase(change, run.id, phase, end.logLines ?? []);
  }
  if (!run.planOnly) releaseNextRun(change, run.workspaceId);
  return run;
}
