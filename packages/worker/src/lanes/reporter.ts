import { setTimeout as sleep } from 'node:timers/promises';
import { queues, reportJob } from '@gatehouse/shared/jobs';
import type { Sealer } from '@gatehouse/shared/seal';
import { reportContext, type WorkerReport } from '@gatehouse/shared/worker-reports';
import { Queue } from 'bullmq';
import type { Logger } from 'pino';
import { queueConnection } from './queue-connection.ts';

export type Reporter = {
  /** Resolves when Redis has it; tries until it has. */
  report(report: WorkerReport): Promise<void>;
  close(): Promise<void>;
};

const retryDelayMs = 1_000;

export function createReporter(options: { redisUrl: string; sealer: Sealer; logger: Logger }): Reporter {
  const { sealer, logger } = options;
  const queue = new Queue(queues.workerReports, { connection: queueConnection(options.redisUrl) });
  queue.on('error', (error) => logger.warn({ err: error }, 'report queue'));

  return {
    async report(report) {
      const sealed = await sealer.seal(JSON.stringify(report), reportContext);
      for (;;) {
        try {
          await queue.add(report.type, { sealed }, { ...reportJob, jobId: reportId(report) });
          return;
        } catch (error) {
          logger.warn({ err: error, type: report.type }, 'a report waits for Redis');
          await sleep(retryDelayMs);
        }
      }
    },
    close: () => queue.close(),
  };
}

/** Set by us, so that a report that is sent again after a broken connection is the same one. */
function reportId(report: WorkerReport): string {
  if (report.type === 'phase_finished') return `${report.type}.${report.claimId}`;
  if (report.type === 'check_finished') return `${report.type}.${report.checkId}`;
  if (report.type === 'session_opened') return `${report.type}.${report.claimId}.${report.accessKeyId}`;
  return `${report.type}.${report.challengeId}.${report.attempt}`;
}
