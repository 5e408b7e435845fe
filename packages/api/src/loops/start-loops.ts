import type { Redis, RedisAddress } from '@gatehouse/shared/redis';
import type { RunChanges } from '../queue/run-changes.ts';
import { consumeWorkerReports } from '../queue/worker-report-queue.ts';
import type { Hearing } from '../services/hearing.ts';
import { recordWorkerReport } from '../services/record-worker-report.ts';
import type { RunCore } from '../services/run-core.ts';
import { advanceWorkspaces } from './advance-workspaces.ts';
import { closeUnansweredChecks } from './close-unanswered-checks.ts';
import { createDropStaleLogs } from './drop-stale-logs.ts';
import { expireChallenges } from './expire-challenges.ts';
import { createGiveUpOnLost, giveUpEveryMs } from './give-up-on-lost.ts';
import { type PruneDependencies, prune } from './prune.ts';
import { raiseExtensions } from './raise-extensions.ts';
import { type ReconcileDependencies, reconcile } from './reconcile.ts';
import { remindOfWaits } from './remind-of-waits.ts';
import { type Loop, repeat } from './repeat.ts';

/** What is told when something in the background goes wrong; pino's logger fits. */
export type LoopLogger = {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
};

export type LoopDependencies = RunCore &
  ReconcileDependencies &
  PruneDependencies & {
    redis: Redis;
    redisAddress: RedisAddress;
    changes: RunChanges;
    hearing: Hearing;
    logger: LoopLogger;
  };

/** Starts everything that happens without a request. The outbox relay is not among it: it exists before any service. */
export function startLoops(dependencies: LoopDependencies): Loop {
  const { logger } = dependencies;
  const sweep = (name: string, everyMs: number, work: () => Promise<void> | void) =>
    repeat({ everyMs, work, onError: (error) => logger.error({ err: error, loop: name }, 'a sweep failed') });
  const loops: readonly Loop[] = [
    consumeWorkerReports({
      redisAddress: dependencies.redisAddress,
      sealer: dependencies.sealer,
      handle: (report) => recordWorkerReport(dependencies, report),
      onRefused: (jobId, error) => logger.warn({ err: error, jobId }, 'a report was not sealed by one of our workers'),
      onError: (error) => logger.warn({ err: error }, 'worker reports cannot be read'),
    }),
    // A second late is soon enough for a deadline of minutes.
    sweep('expire-challenges', 1_000, () => expireChallenges(dependencies)),
    sweep('raise-extensions', 1_000, () => raiseExtensions(dependencies)),
    sweep('remind-of-waits', 1_000, () => remindOfWaits(dependencies)),
    sweep('give-up-on-lost', giveUpEveryMs, createGiveUpOnLost(dependencies)),
    sweep('close-unanswered-checks', 5_000, () => closeUnansweredChecks(dependencies)),
    sweep('reconcile', 30_000, () => reconcile(dependencies)),
    sweep('drop-stale-logs', 30_000, createDropStaleLogs(dependencies)),
    sweep('advance-workspaces', 30_000, () => advanceWorkspaces(dependencies)),
    sweep('prune', 3_600_000, () => prune(dependencies)),
  ];
  return {
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
