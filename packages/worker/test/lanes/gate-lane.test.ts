import { randomBytes } from 'node:crypto';
import { newId } from '@gatehouse/shared/ids';
import {
  atMostOnceJob,
  checkJobId,
  gateJobId,
  queues,
  sessionKey,
  tokenCodeKey,
  tokenCodeTtlSeconds,
} from '@gatehouse/shared/jobs';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { type ChallengeClaim, sealedContexts } from '@gatehouse/shared/worker-api';
import { reportContext, type WorkerReport, workerReport, workerReportJob } from '@gatehouse/shared/worker-reports';
import { Job, Queue, Worker } from 'bullmq';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkerApi } from '../../src/api-client/worker-api-client.ts';
import { startGateLane } from '../../src/lanes/gate-lane.ts';
import { queueConnection } from '../../src/lanes/queue-connection.ts';
import { createReporter } from '../../src/lanes/reporter.ts';
import { createSessionStore } from '../../src/sts/session-store.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';
import { type RedisServer, startRedis } from '../surroundings/redis-server.ts';
import { eventually } from '../surroundings/run-stand.ts';
import { startWorkerApi, type WorkerApiServer } from '../surroundings/worker-api-server.ts';

const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
const logger = pino({ level: 'silent' });
let server: RedisServer;
let emulator: Emulator;
let api: WorkerApiServer;
let gateQueue: Queue;
const reports: WorkerReport[] = [];
const sealedReports: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [server, emulator, api] = await Promise.all([startRedis(), startEmulator(), startWorkerApi()]);
  gateQueue = new Queue(queues.gate, { connection: queueConnection(server.url) });
  const listener = new Worker(
    queues.workerReports,
    async (job) => {
      const { sealed } = workerReportJob.parse(job.data);
      sealedReports.push(sealed);
      reports.push(workerReport.parse(JSON.parse(await sealer.unsealText(sealed, reportContext))));
    },
    { connection: queueConnection(server.url) },
  );
  const reporter = createReporter({ redisUrl: server.url, sealer, logger });
  const lane = startGateLane(server.url, {
    redis: server.redis,
    sealer,
    api: createWorkerApi({ apiUrl: api.url, workerToken: new Secret(api.workerToken), workerId: newId('worker') }),
    sessions: createSessionStore({ redis: server.redis, sealer }),
    reporter,
    sts: emulator.sts,
    logger,
  });
  await lane.ready();
  for (const part of [lane, reporter, listener, gateQueue]) closing.push(() => part.close());
});
afterAll(async () => {
  for (const close of closing) await close();
  await Promise.all([emulator.close(), api.close()]);
  await server.close();
});

type Target = ChallengeClaim['targets'][number];
const target = (more: Partial<Target['session']> = {}): Target => ({
  challengeId: newId('challenge'),
  attempt: 1,
  session: { runId: newId('run'), phase: 'plan', durationSeconds: 900, sessionName: 'gatehouse', ...more },
});

/** Parks the challenge of the first target, as the api does, claimable for all of them. */
async function park(targets: Target[], delayMs = 60_000, keys: object = {}): Promise<string> {
  const id = targets[0]?.challengeId ?? '';
  const identity = { accessKeyId: emulator.accessKeyId, secretAccessKey: emulator.secretAccessKey, ...keys };
  const sealedIdentity = await sealer.seal(JSON.stringify(identity), sealedContexts.awsIdentity(id));
  api.challengeClaims.set(id, { mfaSerial: emulator.mfaSerial, sealedIdentity, targets });
  await gateQueue.add('challenge', {}, { ...atMostOnceJob, jobId: gateJobId(id, 1), delay: delayMs });
  return id;
}

async function submit(challengeId: string, code: string): Promise<void> {
  const key = tokenCodeKey(challengeId, 1);
  await server.redis.set(key, await sealer.seal(code, key), 'EX', tokenCodeTtlSeconds, 'NX');
  const job = await Job.fromId(gateQueue, gateJobId(challengeId, 1));
  await job?.promote();
}

async function reported(challengeId: string): Promise<WorkerReport> {
  const find = () => reports.find((report) => 'challengeId' in report && report.challengeId === challengeId);
  await eventually(() => find() !== undefined);
  const found = find();
  if (found === undefined) throw new Error('no report');
  return found;
}

test('a code becomes a sealed session and a report, and is gone', async () => {
  const wanted = target();
  const id = await park([wanted]);
  const code = await emulator.freshCode();
  await submit(id, code);
  expect(await reported(id)).toMatchObject({
    type: 'mfa_authenticated',
    attempt: 1,
    accessKeyId: expect.stringMatching(/^ASIA/),
  });
  expect(await server.redis.exists(tokenCodeKey(id, 1))).toBe(0);
  const key = sessionKey(wanted.session.runId, 'plan');
  const session = JSON.parse(await sealer.unsealText((await server.redis.get(key)) ?? '', key));
  expect(session.sessionToken.length).toBeGreaterThan(20);
  expect(JSON.stringify(reports)).not.toContain(session.secretAccessKey);
  expect(JSON.stringify(reports)).not.toContain(emulator.secretAccessKey);
});

test('a session of a role is reported with what the role let be said of it, and of whose keys', async () => {
  const told = { sourceIdentity: 'mia', tags: [{ key: 'gatehouse:user', value: 'mia' }] };
  const id = await park([target({ roleArn: emulator.roleArn, ...told })]);
  await submit(id, await emulator.freshCode());
  expect(await reported(id)).toMatchObject({
    type: 'mfa_authenticated',
    trust: { tags: true, sourceIdentity: true, accessKeyId: emulator.accessKeyId },
  });
});

test('one code releases several runs', async () => {
  const targets = [target(), target({ roleArn: emulator.roleArn, phase: 'apply' }), target()];
  const id = await park(targets);
  await submit(id, await emulator.freshCode());
  for (const { challengeId, session } of targets) {
    expect(await reported(challengeId)).toMatchObject({ type: 'mfa_authenticated' });
    expect(await server.redis.exists(sessionKey(session.runId, session.phase))).toBe(1);
  }
});

test('a wrong code is rejected in words of AWS, and no session is left', async () => {
  const wanted = target();
  const id = await park([wanted]);
  const code = await emulator.wrongCode();
  await submit(id, code);
  const report = await reported(id);
  expect(report).toMatchObject({ type: 'mfa_rejected', rejection: 'mfa_rejected' });
  expect(JSON.stringify(report)).not.toContain(code);
  expect(await server.redis.exists(sessionKey(wanted.session.runId, 'plan'))).toBe(0);
});

describe('without an exchange', () => {
  test('a deadline wakes the challenge without a code', async () => {
    const id = await park([target()], 50);
    expect(await reported(id)).toEqual({ type: 'challenge_woke', challengeId: id, attempt: 1 });
    expect(api.requests).not.toContain(`POST /challenges/${id}/claim`);
  });

  test('a code that somebody else wrote is lost, and STS is not asked', async () => {
    const before = await emulator.calls('GetSessionToken');
    const id = await park([target()]);
    await server.redis.set(tokenCodeKey(id, 1), '123456');
    await (await Job.fromId(gateQueue, gateJobId(id, 1)))?.promote();
    expect(await reported(id)).toMatchObject({ type: 'mfa_rejected', rejection: 'mfa_code_lost' });
    expect(await emulator.calls('GetSessionToken')).toHaveLength(before.length);
  });

  test('a challenge that is over is dropped, and STS is not asked', async () => {
    const before = await emulator.calls('GetSessionToken');
    const id = await park([target()]);
    api.challengeClaims.delete(id);
    await submit(id, await emulator.freshCode());
    await eventually(async () => (await gateQueue.getJobState(gateJobId(id, 1))) === 'completed');
    expect(await emulator.calls('GetSessionToken')).toHaveLength(before.length);
    expect(reports.some((report) => 'challengeId' in report && report.challengeId === id)).toBe(false);
  });

  test('an api that does not answer costs the code, which is said', async () => {
    const id = await park([target()]);
    await api.goAway();
    await submit(id, await emulator.freshCode());
    const report = await reported(id);
    await api.comeBack();
    expect(report).toMatchObject({ type: 'mfa_rejected', rejection: 'mfa_code_lost' });
  });
});

describe('a set-up check', () => {
  /** As the api queues it. */
  async function queueCheck(more: object = {}, code?: string): Promise<string> {
    const id = newId('awsCheck');
    const identity = { accessKeyId: emulator.accessKeyId, secretAccessKey: emulator.secretAccessKey };
    const sealedIdentity = await sealer.seal(JSON.stringify(identity), sealedContexts.awsIdentity(id));
    api.checkClaims.set(id, { sealedIdentity, mfaSerial: emulator.mfaSerial, hasCode: code !== undefined, ...more });
    const key = tokenCodeKey(id, 0);
    if (code !== undefined) await server.redis.set(key, await sealer.seal(code, key), 'EX', tokenCodeTtlSeconds, 'NX');
    await gateQueue.add('check', {}, { ...atMostOnceJob, jobId: checkJobId(id) });
    return id;
  }
  async function checked(checkId: string): Promise<Extract<WorkerReport, { type: 'check_finished' }>> {
    const find = () => reports.find((report) => report.type === 'check_finished' && report.checkId === checkId);
    await eventually(() => find() !== undefined);
    const report = find();
    if (report?.type !== 'check_finished') throw new Error('no report');
    return report;
  }

  test('is carried out at once, and told without a secret', async () => {
    const { arn, results } = await checked(await queueCheck());
    expect(arn).toBe('arn:aws:iam::123456789012:user/gatehouse');
    expect(results.map(({ probe, outcome }) => `${probe} ${outcome}`)).toEqual([
      'keys passed',
      'clock passed',
      'device passed',
    ]);
    expect(JSON.stringify(results)).not.toContain(emulator.secretAccessKey);
  });

  test('spends the code that came with it, once', async () => {
    const id = await queueCheck({}, await emulator.freshCode());
    const { results } = await checked(id);
    expect(results.find(({ probe }) => probe === 'device')?.detail).toContain('AWS accepted its code');
    expect(await server.redis.exists(tokenCodeKey(id, 0))).toBe(0);
    expect(await server.redis.keys('session:*awschk*')).toEqual([]);
  });

  test('says so when the code that came with it is not there', async () => {
    const { results } = await checked(await queueCheck({ hasCode: true }));
    expect(results.at(-1)).toMatchObject({ outcome: 'skipped', detail: expect.stringContaining('The code got lost') });
  });

  test('with keys that were sealed for another is not carried out, which is reported', async () => {
    const sealedIdentity = await sealer.seal('{}', sealedContexts.awsIdentity('awschk-other'));
    const before = await emulator.calls('GetCallerIdentity');
    expect((await checked(await queueCheck({ sealedIdentity }))).results).toEqual([]);
    expect(await emulator.calls('GetCallerIdentity')).toHaveLength(before.length);
  });

  test('that nobody waits for is dropped with its code, and AWS is not asked', async () => {
    const before = await emulator.calls('GetCallerIdentity');
    const id = newId('awsCheck');
    const key = tokenCodeKey(id, 0);
    await server.redis.set(key, await sealer.seal('123456', key));
    await gateQueue.add('check', {}, { ...atMostOnceJob, jobId: checkJobId(id) });
    await eventually(async () => (await gateQueue.getJobState(checkJobId(id))) === 'completed');
    expect(await server.redis.exists(key)).toBe(0);
    expect(await emulator.calls('GetCallerIdentity')).toHaveLength(before.length);
    expect(reports.some((report) => 'checkId' in report && report.checkId === id)).toBe(false);
  });
});

test('forty challenges wake in a row: promoted to sealed session, less the time at STS', {
  timeout: 60_000,
}, async () => {
  const spent: number[] = [];
  for (let round = 0; round < 40; round++) {
    const wanted = target();
    const id = await park([wanted]);
    const code = await emulator.freshCode();
    const key = tokenCodeKey(id, 1);
    await server.redis.set(key, await sealer.seal(code, key), 'EX', 60, 'NX');
    const job = await Job.fromId(gateQueue, gateJobId(id, 1));
    const startedAt = performance.now();
    await job?.promote();
    const waiting = sessionKey(wanted.session.runId, 'plan');
    while ((await server.redis.exists(waiting)) === 0);
    spent.push(performance.now() - startedAt);
  }
  spent.sort((one, other) => one - other);
  const report = `gate: promote -> session sealed, emulator included: p50 ${spent[20]?.toFixed(1)} ms, p95 ${spent[38]?.toFixed(1)} ms`;
  if (process.env['GATEHOUSE_MEASURE'] !== undefined) process.stderr.write(`${report}\n`);
  expect(spent[20]).toBeLessThan(500);
});

test('nothing in Redis tells a key, a code or a session', async () => {
  const all: string[] = [];
  for await (const keys of server.redis.scanStream({ count: 1000 })) {
    for (const key of keys) {
      const kind = await server.redis.type(key);
      if (kind === 'string') all.push((await server.redis.get(key)) ?? '');
      if (kind === 'hash') all.push(JSON.stringify(await server.redis.hgetall(key)));
      if (kind === 'stream') all.push(JSON.stringify(await server.redis.xrange(key, '-', '+')));
    }
  }
  const dump = all.join('\n');
  expect(dump.length).toBeGreaterThan(10_000);
  expect(dump).not.toContain(emulator.secretAccessKey);
  expect(dump).not.toContain('ASIA');
  expect(sealedReports.every((sealed) => sealed.split('.').length === 5)).toBe(true);
});
