import { atMostOnceJob, checkJobId, gateJobId, phaseJobId, queues } from '@gatehouse/shared/jobs';
import { connectRedis, type RedisAddress } from '@gatehouse/shared/redis';
import type { Phase } from '@gatehouse/shared/run-status';
import { ErrorCode, Job, Queue } from 'bullmq';
import type { Clock } from '../clock.ts';
import { bullmqConnection } from './bullmq-connection.ts';

/**
 * The two queues towards the workers. They are alarm clocks: a job holds nothing but its id, and whoever takes one asks
 * the store, through the api, whether there is anything to do.
 */
export type RunQueue = {
  /** Parks the gate job of one try until `dueAt`; a job of that id that exists already stays as it is. */
  parkChallenge(challengeId: string, attempt: number, dueAt: Date): Promise<void>;
  /** Wakes it now; that it is awake, or gone, already is no error: the store knows better. */
  wakeChallenge(challengeId: string, attempt: number): Promise<void>;
  removeChallenge(challengeId: string, attempt: number): Promise<void>;
  /** For the gate lane, at once: nothing is waited for. */
  queueCheck(checkId: string): Promise<void>;
  queuePhase(runId: string, phase: Phase): Promise<void>;
  removePhase(runId: string, phase: Phase): Promise<void>;
  /** Stops handing out phases, or goes on; what workers hold is not concerned. */
  setPaused(isPaused: boolean): Promise<void>;
  /** What Redis knows of each: `alive` (parked, waiting or taken), `ended` (kept for a while), or `missing`. */
  jobStates(queue: 'gate' | 'runs', jobIds: readonly string[]): Promise<Map<string, 'alive' | 'ended' | 'missing'>>;
  close(): Promise<void>;
};

export function openRunQueue(address: RedisAddress, clock: Clock, onError: (error: Error) => void): RunQueue {
  // As few as `connectRedis` has: a request that needs Redis fails instead of hanging.
  const connection = bullmqConnection(address, 3);
  const gate = new Queue(queues.gate, { connection });
  const runs = new Queue(queues.runs, { connection });
  const redis = connectRedis(address, { onError, name: 'api-queue' });
  gate.on('error', onError);
  runs.on('error', onError);

  return {
    async parkChallenge(challengeId, attempt, dueAt) {
      const delay = Math.max(0, dueAt.getTime() - clock.now().getTime());
      await gate.add('mfa', {}, { ...atMostOnceJob, jobId: gateJobId(challengeId, attempt), delay });
    },
    async wakeChallenge(challengeId, attempt) {
      // Built, not fetched: a quarter of the call's time is saved (queue-limits 3.4).
      const job = new Job(gate, 'mfa', {}, {}, gateJobId(challengeId, attempt));
      await job.promote().catch(ignoreIfAwake);
    },
    async removeChallenge(challengeId, attempt) {
      // A job that a worker holds is not removed, and need not be: the worker learns from its claim.
      await gate.remove(gateJobId(challengeId, attempt));
    },
    async queueCheck(checkId) {
      await gate.add('check', {}, { ...atMostOnceJob, jobId: checkJobId(checkId) });
    },
    async queuePhase(runId, phase) {
      await runs.add('phase', {}, { ...atMostOnceJob, jobId: phaseJobId(runId, phase) });
    },
    async removePhase(runId, phase) {
      await runs.remove(phaseJobId(runId, phase));
    },
    async setPaused(isPaused) {
      await (isPaused ? runs.pause() : runs.resume());
    },
    async jobStates(name, jobIds) {
      const queue = name === 'gate' ? gate : runs;
      const pipeline = redis.pipeline();
      for (const jobId of jobIds) pipeline.hmget(queue.toKey(jobId), 'timestamp', 'finishedOn');
      const answers = (await pipeline.exec()) ?? [];
      return new Map(jobIds.map((jobId, index) => [jobId, stateOf(answers[index])]));
    },
    async close() {
      await Promise.all([gate.close(), runs.close()]);
      redis.disconnect();
    },
  };
}

function stateOf(answer: [error: Error | null, result: unknown] | undefined): 'alive' | 'ended' | 'missing' {
  const [error, fields] = answer ?? [new Error('Redis did not answer.')];
  if (error) throw error;
  const [timestamp, finishedOn] = Array.isArray(fields) ? fields : [];
  if (!timestamp) return 'missing';
  return finishedOn ? 'ended' : 'alive';
}

/** -3: it is awake already. -1: it was and is gone. Neither says whether the deadline has passed (queue-limits 3.2). */
function ignoreIfAwake(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== ErrorCode.JobNotExist && code !== ErrorCode.JobNotInState) throw error;
}
