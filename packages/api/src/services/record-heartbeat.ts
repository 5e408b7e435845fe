import { runningPhase } from '@gatehouse/shared/run-status';
import type { Heartbeat, HeartbeatAnswer } from '@gatehouse/shared/worker-api';
import type { PageEvents } from '../queue/page-events.ts';
import { markClaimsAlive, phasesOfClaims, type RunPhase } from '../store/phases.ts';
import { findRun } from '../store/runs.ts';
import { recordSighting } from '../store/workers.ts';
import { announceWorker } from './announce.ts';
import { type Change, change, type RunCore } from './run-core.ts';

/** A worker tells that it lives and what it works on, and hears what it is to stop. */
export async function recordHeartbeat(
  core: Omit<RunCore, 'sealer'> & { pageEvents: Pick<PageEvents, 'publish'> },
  input: { workerId: string; heartbeat: Heartbeat },
): Promise<HeartbeatAnswer> {
  const { claims, ...seen } = input.heartbeat;
  const { answer, isNews } = change(core, (now) => {
    const before = recordSighting(now.transaction, input.workerId, seen, now.at);
    const known = new Map(phasesOfClaims(now.transaction, claims).map((phase) => [phase.claimId, phase]));
    markClaimsAlive(
      now.transaction,
      [...known.keys()].filter((claimId) => claimId !== null),
      now.at,
    );
    const stop = claims.flatMap((claimId) => stopFor(now, claimId, known.get(claimId)));
    return {
      answer: { stop, notes: [], ...(before?.drainRequestedAt ? { drain: true } : {}) },
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
  return run.cancelRequestedAt === null ? [] : [{ claimId, mode: 'interrupt', cause: 'canceled' }];
}
