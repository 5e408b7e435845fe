import { tmpdir } from 'node:os';
import { newId } from '@gatehouse/shared/ids';
import { connectRedis } from '@gatehouse/shared/redis';
import { createSealer } from '@gatehouse/shared/seal';
import type { Logger } from 'pino';
import { createWorkerApi } from '../api-client/worker-api-client.ts';
import type { Config } from '../config.ts';
import { clearLeftFolders } from '../phases/clear-left-folders.ts';
import { KeptStates } from '../phases/kept-states.ts';
import { clearLeftRunFolders } from '../sandbox/clear-left-run-folders.ts';
import { endLeftSandboxes } from '../sandbox/end-left-sandboxes.ts';
import { createSessionStore } from '../sts/session-store.ts';
import { createTerraformFinder, type FindTerraform } from '../terraform/find-terraform.ts';
import { openAllReleases } from '../terraform/open-all-releases.ts';
import { ActivePhases } from './active-phases.ts';
import { createCancelListener } from './cancel-listener.ts';
import { startGateLane } from './gate-lane.ts';
import { startHeartbeat } from './heartbeat.ts';
import { createReporter } from './reporter.ts';
import { startRunLane } from './run-lane.ts';
import { UnheardReports } from './unheard-reports.ts';

export type RunningWorker = {
  workerId: string;
  /** Takes nothing new, lets phases finish, interrupts them at the drain deadline; resolves when all is reported. */
  drain(): Promise<void>;
  /** Stops all phases now. */
  stopPhases(mode: 'interrupt' | 'kill'): void;
};

const version = '0.1.0';

/** Resolves when both lanes take jobs. Throws `invalid_request` when the keys of releases cannot be read. */
export async function startWorker(config: Config, logger: Logger): Promise<RunningWorker> {
  const { releases, fingerprints } = await openAllReleases(config.releases);
  if (fingerprints.length > 0) logger.info({ fingerprints }, 'releases are fetched when one of these keys signed them');
  const workerId = newId('worker');
  const onError = (error: Error) => logger.warn({ err: error }, 'redis');
  const redis = connectRedis(config.redisUrl, { onError, name: 'gatehouse-worker' });
  const subscriber = connectRedis(config.redisUrl, { onError, blocking: true, name: 'gatehouse-worker-cancel' });
  const sealer = createSealer(config.sealingKey);
  const api = createWorkerApi({ apiUrl: config.apiUrl, workerToken: config.workerToken, workerId });
  const sessions = createSessionStore({ redis, sealer });
  const reporter = createReporter({ redisUrl: config.redisUrl, sealer, logger });
  const active = new ActivePhases();
  const results = new UnheardReports(reporter);
  const keptStates = new KeptStates(config.workDir, logger);
  const ended = await endLeftSandboxes();
  if (ended.length > 0) logger.info({ pids: ended }, 'sandboxes that had outlived their worker were ended');
  await clearLeftFolders(config.workDir, { keptStates, logger });
  await clearLeftRunFolders(tmpdir(), logger);
  const shared = { redis, sealer, api, sessions, reporter, logger };
  /** For good: this process ends. */
  let draining = false;
  /** Until an operator lets it go on. */
  let drained = false;
  /** Its token was revoked: what it took from the queues it could not claim, and others would have to wait for it. */
  let refused = false;

  const gate = startGateLane(config.redisUrl, { ...shared, sts: config.sts });
  const runs = startRunLane(config.redisUrl, config.concurrency, {
    ...shared,
    apiUrl: config.apiUrl,
    cancels: createCancelListener({ subscriber, sealer, logger }),
    active,
    results,
    beatNow: () => heart.beatNow(),
    keptStates,
    cancelGraceMs: config.cancelGraceMs,
    settings: phaseSettings(config, createTerraformFinder(config.terraform, releases)),
  });
  const heart = startHeartbeat({
    api,
    logger,
    beat: () => ({
      name: config.name,
      version,
      concurrency: config.concurrency,
      sandbox: config.sandbox.mode,
      draining: draining || drained,
      claims: [...active.claimIds, ...results.claimIds],
      notesSeen: active.notesSeen,
    }),
    onRefused() {
      if (refused || draining) return;
      refused = true;
      logger.info('the api refuses the worker token: nothing new is taken until it is taken again');
      void Promise.all([gate.pause(), runs.pause()]).catch(onError);
    },
    onAnswer({ drain = false, ...answer }) {
      if (refused && !draining) {
        refused = false;
        void Promise.all([gate.resume(), drained ? undefined : runs.resume()]).catch(onError);
      }
      if (drain !== drained && !draining) {
        drained = drain;
        logger.info({ drain }, drain ? 'told to take no new phase' : 'told to take phases again');
        void (drain ? runs.pause() : runs.resume()).catch(onError);
      }
      active.hear(answer);
      results.hear(answer);
      void keptStates.retry();
    },
  });
  await Promise.all([gate.ready(), runs.ready()]);

  return {
    workerId,
    stopPhases: (mode) => active.stopAll('worker_stopped', mode),
    async drain() {
      draining = true;
      const deadline = setTimeout(() => active.stopAll('worker_stopped', 'interrupt'), config.drainMs);
      await Promise.all([gate.close(), runs.close()]);
      clearTimeout(deadline);
      await heart.stop();
      await reporter.close();
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}

function phaseSettings(config: Config, findTerraform: FindTerraform) {
  const { egressAllow, mode, identity, forwards, providerMirror, allowDirectProviders } = config.sandbox;
  const mirror = providerMirror === undefined ? {} : { providerMirror };
  return {
    workerName: config.name,
    workDir: config.workDir,
    sandbox: { mode, identity, forwards, allowDirectProviders, egressAllow, ...mirror },
    sts: config.sts,
    findTerraform,
    sessionMarginMs: config.sessionMarginMs,
    stateHoldMs: config.stateHoldMs,
  };
}
