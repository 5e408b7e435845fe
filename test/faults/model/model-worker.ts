import {
  gateJobId,
  parseGateJobId,
  parsePhaseJobId,
  phaseJobId,
  sessionKey,
  tokenCodeKey,
} from '@gatehouse/shared/jobs';
import { appendLog, continueLog, logKey } from '@gatehouse/shared/log-stream';
import type { Phase } from '@gatehouse/shared/run-status';
import {
  challengeClaim,
  type Heartbeat,
  heartbeatAnswer,
  phaseClaim,
  workerApiPath,
} from '@gatehouse/shared/worker-api';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import type { TakenJob } from '../../../packages/api/test/manual-lane.ts';
import type { World } from './world.ts';

/** A phase in a worker's hands; a worker that died, or was given up, may come back with it. */
export type Claim = {
  runId: string;
  phase: Phase;
  claimId: string;
  jobToken: string;
  job: TakenJob | undefined;
  /** Where its next byte of log stands. */
  offset: number;
  lastChunk: { at: number; bytes: Buffer } | undefined;
  isDead: boolean;
  isTold: boolean;
  hasReported: boolean;
  stateSerial: number;
};

/** What AWS, the network and the worker's own health make of a code. */
export type GateFate = 'judged' | 'unreachable' | 'denied' | 'dies with the code' | 'dies after AWS' | 'reports late';

type Asked = { method: 'GET' | 'POST' | 'PUT'; url: string; token: string; payload?: object | Buffer };

export async function askAsWorker(world: World, { method, url, token, payload }: Asked) {
  const api = world.api();
  if (api === undefined) return undefined;
  const type = Buffer.isBuffer(payload) ? { 'content-type': 'application/octet-stream' } : {};
  const answer = await api.app.inject({
    method,
    url: `${workerApiPath}${url}`,
    headers: { authorization: `Bearer ${token}`, ...type },
    ...(payload === undefined ? {} : { payload }),
  });
  if (answer.statusCode === 500) throw new Error(`The api failed at ${method} ${url}: ${world.complaints.at(-1)}`);
  return { status: answer.statusCode, text: answer.body };
}

/** Asks for a phase; a claim that is won is counted. Answers the status of the api's answer. */
export async function claimPhase(world: World, runId: string, phase: Phase, job?: TakenJob): Promise<number> {
  const url = `/runs/${runId}/phases/${phase}/claim`;
  // The tests stand in for the worker, which sends it in clear.
  const token = world.workerToken.reveal();
  const answer = await askAsWorker(world, { method: 'POST', url, token, payload: { workerId: 'worker-1' } });
  if (answer?.status !== 200) {
    await job?.complete();
    return answer?.status ?? 0;
  }
  const { claimId, jobToken } = phaseClaim.parse(JSON.parse(answer.text));
  const run = world.runs.find(({ id }) => id === runId);
  if (run !== undefined) run.claims[phase]++;
  if (job === undefined) world.strayJobs.add(phaseJobId(runId, phase));
  const offset = await continueLog(world.redis, logKey(runId, phase));
  const hands = { isDead: false, isTold: false, hasReported: false, lastChunk: undefined, stateSerial: 0 };
  world.claims.push({ runId, phase, claimId, jobToken, job, offset, ...hands });
  return 200;
}

/** The run lane takes its next job, if there is one. */
export async function takePhase(world: World, diesAtOnce: boolean): Promise<string> {
  const job = await world.lanes.runs.next();
  const named = job && parsePhaseJobId(job.id);
  if (job === undefined || named === undefined) return 'and finds nothing';
  world.excusedJobs.add(job.id);
  world.takenJobs.add(job.id);
  const what = `${named.phase} of ${nameOf(world, named.runId)}`;
  if (diesAtOnce || world.api() === undefined) {
    await job.stall();
    return `the ${what} and dies before it claims it`;
  }
  const status = await claimPhase(world, named.runId, named.phase, job);
  return status === 200 ? `the ${what}` : `the ${what}, which is refused (${status})`;
}

/** The gate lane takes its next job, if there is one: a code, or a deadline. */
export async function passGate(world: World, fate: GateFate): Promise<string> {
  const job = await world.lanes.gate.next();
  const woken = job && parseGateJobId(job.id);
  if (job === undefined || woken === undefined) return 'and finds nothing';
  world.excusedJobs.add(job.id);
  world.takenJobs.add(job.id);
  const key = tokenCodeKey(woken.challengeId, woken.attempt);
  const sealed = await world.redis.getdel(key);
  if (sealed === null) {
    await job.complete();
    await report(world, { type: 'challenge_woke', ...woken }, fate === 'reports late');
    return `${job.id}, which has no code`;
  }
  if (fate === 'dies with the code') {
    await job.stall();
    return `${job.id} and dies with its code`;
  }
  const url = `/challenges/${woken.challengeId}/claim`;
  const payload = { workerId: 'worker-1', attempt: woken.attempt };
  const answer = await askAsWorker(world, { method: 'POST', url, token: world.workerToken.reveal(), payload });
  await (fate === 'dies after AWS' ? job.stall() : job.complete());
  if (answer?.status !== 200) {
    if (answer?.status !== 409) {
      await report(world, { type: 'mfa_rejected', ...woken, rejection: 'mfa_code_lost' }, false);
    }
    return `${job.id}, which is refused (${answer?.status ?? 'no answer'})`;
  }
  const { mfaSerial: serial, targets } = challengeClaim.parse(JSON.parse(answer.text));
  const code = await world.sealer.unsealText(sealed, key);
  const attempts = targets.map((target) => gateJobId(target.challengeId, target.attempt));
  const isReached = fate !== 'unreachable' && fate !== 'denied';
  const isGood = isReached && world.aws.judge({ serial, code, exchangeId: job.id }, attempts);
  if (fate === 'dies after AWS') return `${job.id}, AWS says ${isGood ? 'yes' : 'no'}, and the worker dies`;
  for (const { challengeId, attempt, session } of targets) {
    const tried = { challengeId, attempt };
    if (isGood) {
      const expiresAt = new Date(world.clock.now().getTime() + 3_600_000).toISOString();
      await world.redis.set(sessionKey(session.runId, session.phase), 'sealed', 'EX', 3600);
      const accessKeyId = `ASIA${gateJobId(challengeId, attempt)}`;
      await report(world, { type: 'mfa_authenticated', ...tried, accessKeyId, expiresAt }, fate === 'reports late');
    } else {
      const rejection = isReached ? 'mfa_rejected' : fate === 'denied' ? 'sts_denied' : 'sts_unreachable';
      await report(world, { type: 'mfa_rejected', ...tried, rejection }, fate === 'reports late');
    }
  }
  return `${job.id} for ${targets.length} of runs, and AWS says ${isGood ? 'yes' : 'no'}`;
}

/** Reports that were made, sent or not: any of them may come (again) at any time. */
const made = new WeakMap<World, { report: WorkerReport; isSent: boolean }[]>();

export function reportsOf(world: World): { report: WorkerReport; isSent: boolean }[] {
  const all = made.get(world) ?? [];
  made.set(world, all);
  return all;
}

export async function report(world: World, content: WorkerReport, isKeptBack: boolean): Promise<void> {
  reportsOf(world).push({ report: content, isSent: !isKeptBack });
  if (!isKeptBack) await world.reports.send(content);
}

/** All claims that a living worker holds; `also`: one that the api may have given up. */
export async function beat(world: World, also: readonly Claim[]): Promise<string> {
  const claims = world.claims.filter((claim) => !claim.isDead && !claim.hasReported).concat(also);
  const payload: Heartbeat = {
    ...{ name: 'worker-1', version: '0.1.0', concurrency: 4, sandbox: 'none', draining: false },
    claims: claims.map(({ claimId }) => claimId),
  };
  const url = '/workers/worker-1/heartbeat';
  const answer = await askAsWorker(world, { method: 'POST', url, token: world.workerToken.reveal(), payload });
  if (answer?.status !== 200) return `and hears nothing (${answer?.status ?? 'no answer'})`;
  const { stop } = heartbeatAnswer.parse(JSON.parse(answer.text));
  for (const claim of world.claims) claim.isTold ||= stop.some(({ claimId }) => claimId === claim.claimId);
  return `with ${claims.length} phases, and is to stop ${stop.length}`;
}

/** Continues the phase's log. `how`: the next chunk, the last one again, or one behind a gap. */
export async function writeLog(world: World, claim: Claim, how: 'next' | 'again' | 'gap', text: string) {
  const again = how === 'again' ? claim.lastChunk : undefined;
  const bytes = again?.bytes ?? Buffer.from(text);
  const at = again?.at ?? claim.offset + (how === 'gap' ? 7 : 0);
  try {
    const key = logKey(claim.runId, claim.phase);
    const told = await appendLog(world.redis, key, bytes, { startOffset: at, refusesGap: true });
    // A log that Redis lost whole is taken up where it was; one that lacks bytes is not written on.
    if (told.isGap && told.endOffset > 0) return `${bytes.length} bytes at ${at}, behind a gap`;
    const { endOffset } = told.isGap ? await appendLog(world.redis, key, bytes, { startOffset: at }) : told;
    world.logs.acked(claim.runId, claim.phase, at, bytes);
    claim.offset = Math.max(claim.offset, endOffset);
    claim.lastChunk = { at, bytes };
    return `${bytes.length} bytes at ${at}`;
  } catch (error) {
    return `${bytes.length} bytes at ${at}, which is refused (${error instanceof Error ? error.message : error})`;
  }
}

export function nameOf(world: World, runId: string): string {
  const run = world.runs.find(({ id }) => id === runId);
  return run === undefined ? runId : `${run.name} (${world.status(runId) ?? 'gone'})`;
}
