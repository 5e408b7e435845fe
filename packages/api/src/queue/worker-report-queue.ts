import { queues, reportJob } from '@gatehouse/shared/jobs';
import type { RedisAddress } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import { reportContext, type WorkerReport, workerReport, workerReportJob } from '@gatehouse/shared/worker-reports';
import { UnrecoverableError, Worker } from 'bullmq';
import { bullmqConnection } from './bullmq-connection.ts';

export type WorkerReportConsumer = { close(): Promise<void> };

/**
 * Takes what workers report. `handle` may be called twice with the same report. A job that was not sealed by one of
 * ours, or is no report, is refused for ever and told to `onRefused`; what `handle` throws is tried again.
 */
export function consumeWorkerReports(dependencies: {
  redisAddress: RedisAddress;
  sealer: Sealer;
  handle: (report: WorkerReport) => Promise<void>;
  onRefused: (jobId: string | undefined, error: unknown) => void;
  onError: (error: Error) => void;
}): WorkerReportConsumer {
  const { redisAddress, sealer, handle, onRefused, onError } = dependencies;
  const consumer = new Worker<unknown>(
    queues.workerReports,
    async (job) => {
      const report = await open(sealer, job.data).catch((error: unknown) => {
        onRefused(job.id, error);
        throw new UnrecoverableError('Not a report that was sealed by one of our workers.');
      });
      await handle(report);
    },
    {
      connection: bullmqConnection(redisAddress, null),
      // SQLite has one writer: more at a time would only wait for each other. Opening the seals still overlaps.
      concurrency: 8,
      // A report outlives each api that died over it. By itself BullMQ gives a job up at the second such death.
      maxStalledCount: reportJob.attempts,
    },
  );
  consumer.on('error', onError);
  return { close: () => consumer.close() };
}

async function open(sealer: Sealer, data: unknown): Promise<WorkerReport> {
  const { sealed } = workerReportJob.parse(data);
  return workerReport.parse(JSON.parse(await sealer.unsealText(sealed, reportContext)));
}
