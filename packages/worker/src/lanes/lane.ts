import { atMostOnceWorker } from '@gatehouse/shared/jobs';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { queueConnection } from './queue-connection.ts';

/** One queue's consumer. */
export type Lane = {
  ready(): Promise<void>;
  /** Takes nothing new until `resume`; what was taken goes on. */
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
  const worker = new Worker(queue, (job) => options.work(job.id ?? ''), {
    ...atMostOnceWorker,
    connection: queueConnection(options.redisUrl),
    concurrency: options.concurrency,
  });
  worker.on('error', (error) => logger.warn({ err: error, queue }, 'queue'));
  worker.on('failed', (job, error) => logger.error({ err: error, queue, jobId: job?.id }, 'a job failed'));
  return {
    async ready() {
      await worker.waitUntilReady();
    },
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    close: () => worker.close(),
  };
}
