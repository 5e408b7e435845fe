import { type EndReason, endReasons } from '@gatehouse/shared/end-reasons';
import { workerLostAfterMs } from '@gatehouse/shared/worker-api';
import { endRun } from '../services/end-run.ts';
import type { Hearing } from '../services/hearing.ts';
import { change, ourselves, type RunCore } from '../services/run-core.ts';
import { phaseSession } from '../store/challenges.ts';
import { queuedPhases, type RunPhase, silentPhases } from '../store/phases.ts';

/** How often to look (ms): with `workerLostAfterMs` a lost phase ends well within the promised 60 s. */
export const giveUpEveryMs = 5_000;

/**
 * Ends phases whose worker is not heard of (`worker_lost`; never started again), and queued ones whose session is over
 * (`session_lost`). The answer is to be called every `giveUpEveryMs`. Silence counts only while this process was there
 * to hear: after its start, after it was itself stopped for a while or could take no heartbeat, and after its clock was put
 * back, workers have their full time again.
 */
export function createGiveUpOnLost(core: Omit<RunCore, 'sealer'> & { hearing?: Hearing }): () => void {
  let listeningSince = core.clock.now().getTime();
  let lastLook = listeningSince;
  return () => {
    const now = core.clock.now().getTime();
    if (now < lastLook || now - lastLook > giveUpEveryMs * 3) listeningSince = now;
    listeningSince = Math.max(listeningSince, Math.min(now, core.hearing?.missedAt?.getTime() ?? 0));
    lastLook = now;
    if (now - listeningSince >= workerLostAfterMs) {
      const silent = silentPhases(core.database, { before: new Date(now - workerLostAfterMs), now: new Date(now) });
      for (const phase of silent) fail(core, phase, 'worker_lost');
    }
    for (const phase of queuedPhases(core.database, new Date(now))) {
      const expiresAt = phaseSession(core.database, phase.runId, phase.phase);
      if (expiresAt !== undefined && expiresAt.getTime() <= now) fail(core, phase, 'session_lost');
    }
  };
}

function fail(core: Omit<RunCore, 'sealer'>, { runId }: RunPhase, reason: EndReason): void {
  change(core, (now) =>
    endRun(now, {
      runId,
      event: 'phaseFailed',
      reason,
      by: ourselves,
      outcome: 'errored',
      logLines: [`Error: ${endReasons[reason]}`],
    }),
  );
}
