import { versionName } from '@gatehouse/shared/engine-version';
import { parsePhaseJobId, queues } from '@gatehouse/shared/jobs';
import { continueLog, logKey } from '@gatehouse/shared/log-stream';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import type { Logger } from 'pino';
import { createPhaseApi } from '../api-client/phase-api-client.ts';
import type { WorkerApi } from '../api-client/worker-api-client.ts';
import { openLogWriter } from '../logs/log-writer.ts';
import type { KeptStates } from '../phases/kept-states.ts';
import { failed, type Outcome } from '../phases/outcome.ts';
import type { PhaseContext, PhaseSettings } from '../phases/phase.ts';
import { PhaseNotes } from '../phases/phase-notes.ts';
import { makeRunFolders } from '../phases/run-folders.ts';
import { runPhase } from '../phases/run-phase.ts';
import { StopSignal } from '../phases/stop-signal.ts';
import type { SessionStore } from '../sts/session-store.ts';
import type { ActivePhases } from './active-phases.ts';
import type { CancelListener } from './cancel-listener.ts';
import { type Lane, startLane } from './lane.ts';
import type { Reporter } from './reporter.ts';
import type { UnheardReports } from './unheard-reports.ts';

export type RunDependencies = {
  apiUrl: string;
  api: Pick<WorkerApi, 'claimPhase'>;
  redis: Redis;
  sealer: Sealer;
  sessions: SessionStore;
  reporter: Reporter;
  /** Takes the result of a phase and sees to it that the api gets to know it. */
  results: Pick<UnheardReports, 'report'>;
  cancels: CancelListener;
  active: ActivePhases;
  /** Asks the api now what there is for the phases in hand. */
  beatNow: () => void;
  keptStates: KeptStates;
  settings: PhaseSettings;
  cancelGraceMs: number;
  logger: Logger;
};

export function startRunLane(redisUrl: string, concurrency: number, dependencies: RunDependencies): Lane {
  return startLane({
    redisUrl,
    queue: queues.runs,
    concurrency,
    logger: dependencies.logger,
    work: (jobId) => takePhase(dependencies, jobId),
  });
}

/** Claims the phase, works on it and reports what it came to. A phase that somebody else has is none of ours. */
export async function takePhase(dependencies: RunDependencies, jobId: string): Promise<void> {
  const { api, cancels, active, results, beatNow, cancelGraceMs, logger } = dependencies;
  const job = parsePhaseJobId(jobId);
  if (job === undefined) return logger.warn({ jobId }, 'a phase job with a foreign id was dropped');

  const stop = new StopSignal(cancelGraceMs);
  const notes = new PhaseNotes();
  // Before the claim: a cancellation right after it finds us listening.
  const unlisten = await cancels.listen(job.runId, job.phase, (message) => {
    if ('news' in message) beatNow();
    else stop.request(message.cause, message.mode);
  });
  try {
    const claim = await api.claimPhase(job.runId, job.phase);
    if (claim === undefined) return logger.info(job, 'this phase is not to be claimed');
    active.add(claim.claimId, { stop, notes });
    try {
      const made: PhaseContext['made'] = {};
      const outcome = await work(dependencies, claim, { stop, notes, made });
      const ran = made.terraform === undefined ? {} : { terraformVersion: versionName(made.terraform) };
      logger.info({ ...job, claimId: claim.claimId, outcome: outcome.kind }, 'phase ended');
      await results.report({ type: 'phase_finished', ...job, claimId: claim.claimId, outcome, ...ran });
    } finally {
      active.remove(claim.claimId);
    }
  } finally {
    stop.release();
    await unlisten();
  }
}

/** Always an outcome: a claimed phase that nobody reports would hold its workspace until it is given up for lost. */
async function work(
  dependencies: RunDependencies,
  claim: PhaseClaim,
  own: Pick<PhaseContext, 'stop' | 'notes' | 'made'>,
): Promise<Outcome> {
  const { redis, settings, reporter, logger } = dependencies;
  const { stop } = own;
  const { runId, phase } = claim;
  try {
    const key = logKey(runId, phase);
    await continueLog(redis, key);
    const [log, folders] = await Promise.all([
      openLogWriter({
        redis,
        key,
        limitBytes: claim.logLimitBytes,
        isStructured: claim.structuredOutput,
        onGivenUp: () => stop.request('given_up', 'kill'),
        onTrouble: (error) => logger.warn({ err: error, runId }, 'the log waits for Redis'),
      }),
      makeRunFolders(settings.workDir, claim),
    ]);
    return await runPhase({
      ...dependencies,
      ...own,
      claim,
      log,
      report: (report) => reporter.report(report),
      logger: logger.child({ runId, phase }),
      api: createPhaseApi({ apiUrl: dependencies.apiUrl, jobToken: new Secret(claim.jobToken), runId }),
      folders,
    });
  } catch (error) {
    logger.error({ err: error, runId, phase }, 'a phase broke off');
    return failed('worker_error');
  }
}
