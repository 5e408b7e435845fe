import { runningPhase } from '@gatehouse/shared/run-status';
import type { Heartbeat, HeartbeatAnswer } from '@gatehouse/shared/worker-api';
import type { PageEvents } from '../queue/page-events.ts';
import { notesAfter } from '../store/phase-notes.ts';
import { markClaimsAlive, phasesOfClaims, type RunPhase } from '../store/phases.ts';
import { findRun } from '../store/runs.ts';
import { recordSighting } from '../store/workers.ts';
import { announceWorker } from './announce.ts';
import { type Change, change, type RunCore } from './run-core.ts';

/** A worker tells that it lives and what it works on, and hears what it is to stop and what there is to tell. */
export async function recordHeartbeat(
  core: Omit<RunCore, 'sealer'> & { pageEvents: Pick<PageEvents, 'publish'> },
  input: { workerId: string; heartbeat: Heartbeat },
): Promise<HeartbeatAnswer> {
  const { claims, notesSeen = {}, ...seen } = input.heartbeat;
  const { answer, isNews } = change(core, (now) => {
    const before = recordSighting(now.transaction, input.workerId, seen, now.at);
    const known = new Map(phasesOfClaims(now.transaction, claims).map((phase) => [phase.claimId, phase]));
    markClaimsAlive(
      now.transaction,
      [...known.keys()].filter((claimId) => claimId !== null),
      now.at,
    );
    const stop = claims.flatMap((claimId) => stopFor(now, claimId, known.get(claimId)));
    const notes = claims.flatMap((claimId) => notesFor(now, claimId, known.get(claimId), notesSeen[claimId] ?? 0));
    return {
      answer: { stop, notes, ...(before?.drainRequestedAt ? { drain: true } : {}) },
      isNews: before?.draining !== seen.draining,
    };
  });
  // For the operators' page, which also looks every few seconds: a worker's own beat does not fail over it.
  if (isNews) await announceWorker(core, input.workerId).catch(() => undefined);
  return answer;
}

/** A cancellation that is asked for again and again is one: the worker interrupts terraform once. */
function stopFor(now: Change, claimId: string, phase: RunPhase | undefined): HeartbeatAnswer['stop'] {
  const run = phase && findRun(now.transaction, phase.runId);
  const isWanted = run !== undefined && phase?.outcome === null && runningPhase(run.status) === phase.phase;
  if (!isWanted) return [{ claimId, mode: 'kill', cause: 'canceled' }];
  if (phase.sessionRevokedAt !== null) return [{ claimId, mode: 'interrupt', cause: 'session_revoked' }];
  return run.cancelRequestedAt === null ? [] : [{ claimId, mode: 'interrupt', cause: 'canceled' }];
}

/** Again and again, until the worker says that it has acted on them: an answer that got lost loses none. */
function notesFor(now: Change, claimId: string, phase: RunPhase | undefined, seen: number): HeartbeatAnswer['notes'] {
  if (phase === undefined || phase.outcome !== null) return [];
  return notesAfter(now.transaction, phase, seen).map(({ sequence, lines, isExtended }) => ({
    claimId,
    sequence,
    lines,
    isExtended,
  }));
}
