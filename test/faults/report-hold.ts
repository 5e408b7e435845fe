import { queues } from '@gatehouse/shared/jobs';
import { redisOptions } from '@gatehouse/shared/redis';
import { type ConnectionOptions, Queue } from 'bullmq';
import { vi } from 'vitest';

/** Keeps what workers report in Redis, where the api does not take it. */
export type ReportHold = {
  hold(): Promise<void>;
  /** Resolves when a report of this kind waits. */
  waits(type: string): Promise<void>;
  release(): Promise<void>;
};

export function openReportHold(redisUrl: string): ReportHold {
  // Opened for each call: Redis is harmed in between.
  async function withQueue<Result>(work: (queue: Queue) => Promise<Result>): Promise<Result> {
    // The same options of the same ioredis; BullMQ's copy of the type differs only in how it writes "may be undefined".
    const connection = { ...redisOptions(redisUrl), maxRetriesPerRequest: null } as ConnectionOptions;
    const queue = new Queue(queues.workerReports, { connection });
    try {
      return await work(queue);
    } finally {
      await queue.close();
    }
  }
  return {
    hold: () => withQueue((queue) => queue.pause()),
    waits: (type) =>
      withQueue((queue) =>
        vi.waitFor(
          async () => {
            const jobs = await queue.getJobs(['waiting', 'wait']);
            if (!jobs.some(({ id }) => id?.startsWith(`${type}.`))) throw new Error(`No ${type} waits.`);
          },
          { timeout: 60_000, interval: 100 },
        ),
      ),
    release: () => withQueue((queue) => queue.resume()),
  };
}
