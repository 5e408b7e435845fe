import { atMostOnceWorker, queues, reportJob } from '@gatehouse/shared/jobs';
import type { RedisAddress } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import { reportContext, type WorkerReport } from '@gatehouse/shared/worker-reports';
import { type Job, Queue, Worker } from 'bullmq';
import { bullmqConnection } from '../src/queue/bullmq-connection.ts';

type LaneName = (typeof queues)['gate' | 'runs'];
/** A job in a worker's hands. It is over when the worker says so, or when it is found to be stalled. */
export type TakenJob = { id: string; complete(): Promise<void>; stall(): Promise<void> };

/** A lane from which a test takes one job at a time, at the moment that it chooses, by the rules of real workers. */
export function openManualLane(address: RedisAddress, name: LaneName) {
  const queue = new Queue(name, { connection: bullmqConnection(address, 3) });
  const worker = new Worker(name, null, {
    ...atMostOnceWorker,
    connection: bullmqConnection(address, null),
    autorun: false,
  });
  queue.on('error', () => undefined);
  worker.on('error', () => undefined);
  let taken = 0;

  function held(job: Job, token: string): TakenJob {
    // A Redis that lost its data knows neither the job nor its lock.
    const end = (ending: Promise<unknown>) => ending.then(() => undefined).catch(() => undefined);
    return {
      id: job.id ?? '',
      complete: () => end(job.moveToCompleted('', token, false)),
      stall: () => end(job.moveToFailed(new Error('job stalled more than allowable limit'), token, false)),
    };
  }

  return {
    /** Undefined: nothing waits, or the lane is paused. */
    async next(): Promise<TakenJob | undefined> {
      const token = `hand-${++taken}`;
      const job: Job | undefined = await worker.getNextJob(token, { block: false });
      return job === undefined ? undefined : held(job, token);
    },
    /** The jobs that a worker may still be handed. */
    waiting: () => queue.getRanges(['wait', 'delayed', 'prioritized'], 0, -1),
    /** The jobs that a worker holds. */
    active: () => queue.getRanges(['active'], 0, -1),
    async close(): Promise<void> {
      await Promise.all([worker.close(), queue.close()]);
    },
  };
}

export type ManualLane = ReturnType<typeof openManualLane>;

/** The queue towards the api, as workers fill it. */
export function openReportSender(address: RedisAddress, sealer: Sealer) {
  const queue = new Queue(queues.workerReports, { connection: bullmqConnection(address, 3) });
  queue.on('error', () => undefined);
  return {
    async send(report: WorkerReport): Promise<void> {
      await queue.add(report.type, { sealed: await sealer.seal(JSON.stringify(report), reportContext) }, reportJob);
    },
    /** How many the api has not taken to the end. Those that it failed at are offered again at once. */
    async open(): Promise<number> {
      await queue.promoteJobs();
      return queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized');
    },
    failed: () => queue.getJobCountByTypes('failed'),
    close: () => queue.close(),
  };
}

export type ReportSender = ReturnType<typeof openReportSender>;
