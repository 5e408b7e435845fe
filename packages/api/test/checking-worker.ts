import { type CheckResult, passed } from '@gatehouse/shared/aws-findings';
import { type CheckClaim, checkClaim } from '@gatehouse/shared/check-claim';
import { parseCheckJobId, queues, reportJob, tokenCodeKey } from '@gatehouse/shared/jobs';
import { sealedContexts, workerApiPath } from '@gatehouse/shared/worker-api';
import { reportContext, type WorkerReport } from '@gatehouse/shared/worker-reports';
import { Queue, Worker } from 'bullmq';
import { bullmqConnection } from '../src/queue/bullmq-connection.ts';
import { consumeWorkerReports } from '../src/queue/worker-report-queue.ts';
import { recordWorkerReport } from '../src/services/record-worker-report.ts';
import type { RunningApi } from './running-api.ts';

type Report = Extract<WorkerReport, { type: 'check_finished' }>;
/** What the worker found out; undefined: it never says. */
export type Answer = Omit<Report, 'type' | 'checkId'> | undefined;
export type InHand = { checkId: string; claim: CheckClaim; identity: string; code: string | undefined };

export const userArn = 'arn:aws:iam::123456789012:user/ops';

export function allRight({ claim }: InHand, ...role: CheckResult[]): Answer {
  return {
    arn: userArn,
    results: [
      passed('keys', `AWS knows them: they are ${userArn}.`),
      passed('clock', 'It is right.'),
      ...(claim.mfaSerial === undefined ? [] : [passed('device', 'It belongs to the user of the keys.')]),
      ...(claim.role === undefined || role.length > 0 ? role : [passed('role', 'It opens with MFA only.')]),
    ],
  };
}

/** A worker's side of checks: real jobs, the claim over HTTP, sealed reports. What it answers is the test's. */
export function checkingWorker(api: RunningApi, answerOf: (check: InHand) => Answer) {
  const { redis, sealer } = api;
  const address = api.config.redisUrl;
  const taken: InHand[] = [];
  const refused: unknown[] = [];
  const reportQueue = new Queue(queues.workerReports, { connection: bullmqConnection(address, null) });

  /** Asks the api over HTTP, as the worker's client does. */
  async function claim(checkId: string, token = api.config.workerToken.reveal()) {
    const url = `${workerApiPath}/aws-checks/${checkId}/claim`;
    return api.ask({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${token}` },
      payload: { workerId: 'worker-1' },
    });
  }
  async function report(content: Report, context = reportContext): Promise<void> {
    const sealed = await sealer.seal(JSON.stringify(content), context);
    await reportQueue.add(content.type, { sealed }, reportJob);
  }
  const gate = new Worker(
    queues.gate,
    async (job) => {
      const { checkId } = parseCheckJobId(job.id ?? '') ?? {};
      if (checkId === undefined) throw new Error(`foreign job ${job.id}`);
      const key = tokenCodeKey(checkId, 0);
      const sealedCode = await redis.getdel(key);
      const claimed = await claim(checkId);
      if (claimed.status !== 200) return;
      const parsed = checkClaim.parse(JSON.parse(claimed.text));
      const inHand: InHand = {
        checkId,
        claim: parsed,
        identity: await sealer.unsealText(parsed.sealedIdentity, sealedContexts.awsIdentity(checkId)),
        code: sealedCode === null ? undefined : await sealer.unsealText(sealedCode, key),
      };
      taken.push(inHand);
      const answer = answerOf(inHand);
      if (answer !== undefined) await report({ type: 'check_finished', checkId, ...answer });
    },
    { connection: bullmqConnection(address, null), concurrency: 4 },
  );
  let settled = Promise.resolve();
  const reports = consumeWorkerReports({
    redisAddress: address,
    sealer,
    handle: (content) => {
      settled = recordWorkerReport(api.parts, content);
      return settled;
    },
    onRefused: (_jobId, error) => void refused.push(error),
    onError: (error) => void refused.push(error),
  });
  return {
    taken,
    refused,
    claim,
    report,
    async close(): Promise<void> {
      await gate.close();
      await reports.close();
      await reportQueue.close();
      await settled;
    },
  };
}
