import { runningPhase } from '@gatehouse/shared/run-status';
import type { Heartbeat, HeartbeatAnswer } from '@gatehouse/shared/worker-api';
import { markClaimsAlive, phasesOfClaims, type RunPhase } from '../store/phases.ts';
import { findRun } from '../store/runs.ts';
import { recordSighting } from '../store/workers.ts';
import { type Change, change, type RunCore } from './run-core.ts';

/** A worker tells that it lives and what it works on, and hears what it is to stop. */
export async function recordHeartbeat(
  core: Omit<RunCore, 'sealer'>,
  input: { workerId: string; heartbeat: Heartbeat },
): Promise<HeartbeatAnswer> {
  const { claims, ...seen } = input.heartbeat;
  return change(core, (now) => {
    recordSighting(now.transaction, input.workerId, seen, now.at);
    const known = new Map(phasesOfClaims(now.transaction, claims).map((phase) => [phase.claimId, phase]));
    markClaimsAlive(
      now.transaction,
      [...known.keys()].filter((claimId) => claimId !== null),
      now.at,
    );
    return { stop: claims.flatMap((claimId) => stopFor(now, claimId, known.get(claimId))) };
  });
}

/** A cancellation that is asked for again and again is one: the worker interrupts terraform once. */
function stopFor(now: Change, claimId: string, phase: RunPhase | undefined): HeartbeatAnswer['stop'] {
  const run = phase && findRun(now.transaction, phase.runId);
  const isWanted = run !== undefined && phase?.outcome === null && runningPhase(run.status) === phase.phase;
  if (!isWanted) return [{ claimId, mode: 'kill' }];
  return run.cancelRequestedAt === null ? [] : [{ claimId, mode: 'interrupt' }];
}
