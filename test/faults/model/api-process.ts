import { openParts } from '../../../packages/api/src/app/open-parts.ts';
import { buildApp } from '../../../packages/api/src/app.ts';
import type { Clock } from '../../../packages/api/src/clock.ts';
import type { Config } from '../../../packages/api/src/config.ts';
import { createLogger } from '../../../packages/api/src/logger.ts';
import { advanceWorkspaces } from '../../../packages/api/src/loops/advance-workspaces.ts';
import { closeUnansweredChecks } from '../../../packages/api/src/loops/close-unanswered-checks.ts';
import { expireChallenges } from '../../../packages/api/src/loops/expire-challenges.ts';
import { createGiveUpOnLost } from '../../../packages/api/src/loops/give-up-on-lost.ts';
import { prune } from '../../../packages/api/src/loops/prune.ts';
import { raiseExtensions } from '../../../packages/api/src/loops/raise-extensions.ts';
import { reconcile } from '../../../packages/api/src/loops/reconcile.ts';
import { remindOfWaits } from '../../../packages/api/src/loops/remind-of-waits.ts';
import { consumeWorkerReports } from '../../../packages/api/src/queue/worker-report-queue.ts';
import { recordWorkerReport } from '../../../packages/api/src/services/record-worker-report.ts';
import type { RedisPlug } from './redis-plug.ts';

/** Times of the model are short, so that clock jumps of minutes reach every deadline. */
export const mfaDeadlineMs = 30 * 60_000;
export const mfaTries = 3;

export const loopNames = [
  'expire-challenges',
  'raise-extensions',
  'remind-of-waits',
  'give-up-on-lost',
  'close-unanswered-checks',
  'reconcile',
  'advance-workspaces',
  'prune',
] as const;
export type LoopName = (typeof loopNames)[number];

/**
 * The whole api on files and a Redis that outlive it. What would happen by timers happens when the test says so, but for
 * the taking of reports; its outbox can be held, and it can die between any two of its steps.
 */
export async function startApiProcess(own: Config, plug: RedisPlug, clock: Clock, log: (line: string) => void) {
  const config = { ...own, redisUrl: plug.address };
  const parts = await openParts(config, { clock, logger: createLogger('error', { write: log }) });
  let isHeld = false;
  const dependencies = {
    ...parts,
    // Who brought a code learns its outcome from the run: the worker's side is another step of the test.
    settings: { ...parts.settings, mfaDeadlineMs, mfaTries, exchangeWaitMs: 0 },
    relay: {
      ...parts.relay,
      wake() {
        if (!isHeld) parts.relay.wake();
      },
    },
  };
  const app = await buildApp(dependencies);
  await app.ready();
  const reports = consumeWorkerReports({
    redisAddress: config.redisUrl,
    sealer: parts.sealer,
    async handle(report) {
      try {
        await recordWorkerReport(dependencies, report);
      } catch (error) {
        log(`${report.type} could not be taken: ${String(error)}`);
        throw error;
      }
    },
    onRefused: (jobId, error) => log(`report ${jobId} was refused: ${String(error)}`),
    onError: () => undefined,
  });
  const loops: Record<LoopName, () => Promise<void> | void> = {
    'expire-challenges': () => expireChallenges(dependencies),
    'raise-extensions': () => raiseExtensions(dependencies),
    'remind-of-waits': () => remindOfWaits(dependencies),
    'give-up-on-lost': createGiveUpOnLost(dependencies),
    'close-unanswered-checks': () => closeUnansweredChecks(dependencies),
    reconcile: () => reconcile(dependencies),
    'advance-workspaces': () => advanceWorkspaces(dependencies),
    prune: () => prune(dependencies),
  };

  return {
    app,
    parts,
    isHeld: () => isHeld,
    /** While it is held what is committed stays in the outbox, but for the relay's own slow poll. */
    holdOutbox(hold: boolean) {
      isHeld = hold;
    },
    async runLoop(name: LoopName): Promise<void> {
      await loops[name]();
    },
    /** Lets the outbox go, and comes back in the middle of its work: after so many turns of the event loop. */
    async beginRelaying(turns: number): Promise<void> {
      parts.relay.wake();
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    async settled(): Promise<void> {
      if (!isHeld) await parts.relay.settled();
    },
    /** As if the process were killed: nothing that it is at gets any further in the store. */
    async crash(): Promise<void> {
      const ending = [parts.relay.close(), parts.notifications.close()];
      const ended = Promise.allSettled(ending);
      closeStore(parts.database);
      plug.pull();
      await ended;
      await reports.close();
      await app.close();
      // A task that was cut off makes the first try fail; by the second nothing is left to wait for.
      await parts.close().catch(() => parts.close());
      await plug.close();
    },
    async stop(): Promise<void> {
      await app.close();
      await reports.close();
      await parts.close();
      await plug.close();
    },
  };
}

export type ApiProcess = Awaited<ReturnType<typeof startApiProcess>>;

function closeStore(database: object): void {
  // Drizzle's type of an open database says no more that it bears its client.
  (database as { $client: { close(): void } }).$client.close();
}
