import { atMostOnceWorker } from '@gatehouse/shared/jobs';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { queueConnection } from './queue-connection.ts';

/** One queue's consumer. */
export type Lane = {
  ready(): Promise<void>;
  /** Takes nothing new until `resume`; what was taken goes on, and is not waited for. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes nothing new and resolves when what was taken is done. */
  close(): Promise<void>;
};

/** Starts to take jobs at once. Jobs bear no data but their id; whoever works asks the api what to do. */
export function startLane(options: {
  redisUrl: string;
  queue: string;
  concurrency: number;
  logger: Logger;
  work: (jobId: string) => Promise<void>;
}): Lane {
  const { queue, logger } = options;
  /** Those that take nothing new, until what they took is done. */
  const retired = new Set<Promise<void>>();
  let inHand = 0;
  let taking: Worker | undefined = open();

  function open(): Worker {
    const worker = new Worker(queue, (job) => take(job.id ?? ''), {
      ...atMostOnceWorker,
      connection: queueConnection(options.redisUrl),
      concurrency: options.concurrency,
    });
    worker.on('error', (error) => logger.warn({ err: error, queue }, 'queue'));
    worker.on('failed', (job, error) => logger.error({ err: error, queue, jobId: job?.id }, 'a job failed'));
    return worker;
  }

  async function take(jobId: string): Promise<void> {
    inHand++;
    try {
      await options.work(jobId);
    } finally {
      inHand--;
    }
  }

  /** Not `Worker.pause`: one that waits for a job takes the next that comes all the same, while `close` ends the wait. */
  function retire(): Promise<void> {
    if (taking === undefined) return Promise.resolve();
    // Nobody waits for one that has something in hand: its failure is told here.
    const closed = taking
      .close()
      .catch((error: unknown) => logger.error({ err: error, queue }, 'a queue could not be closed'))
      .finally(() => retired.delete(closed));
    taking = undefined;
    retired.add(closed);
    return closed;
  }

  return {
    async ready() {
      await taking?.waitUntilReady();
    },
    async pause() {
      const closed = retire();
      if (inHand === 0) await closed;
    },
    async resume() {
      taking ??= open();
    },
    async close() {
      void retire();
      await Promise.all(retired);
    },
  };
}
