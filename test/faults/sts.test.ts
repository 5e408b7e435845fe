import { randomBytes } from 'node:crypto';
import { ApiError } from '@gatehouse/dev/api-client';
import { authenticateRun, type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { encodeBase32 } from '@gatehouse/sts-emulator/base32';
import { type DeviceAccess, freshCode } from '@gatehouse/sts-emulator/fresh-code';
import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { isWholeSuite } from '../suites/suite.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { largestMemoryOf } from './stand-in-engines.ts';
import { type Harm, type StsFront, startStsFront } from './sts-front.ts';
import { stsHarms } from './sts-harms.ts';
import { tallyRows } from './tally-rows.ts';

// One run for each way in which STS fails, with an AWS user and a device of its own, all of them harmed at once.

/** What came of one code that STS failed. */
type Met = {
  run: Run;
  waiter: Waiter;
  /** undefined: the code was taken. */
  refusal: ApiError | undefined;
  tookMs: number;
  after: Run['attributes'];
};
type Waiter = { accessKeyId: string; device: DeviceAccess; run: Run };

const configuration = { 'main.tf': 'output "said" { value = "yes" }' };
const allTries = 5;
/** The api's request waits 10 s for AWS. */
const requestWaitMs = 10_000;
/** What a worker may take more while a body without end is read. */
const longestGrowth = 96 * 1024 * 1024;

let front: StsFront;
let world: FaultWorld;
const met = new Map<string, Met>();
let undisturbed: { tookMs: number; hangingMs: number };
let growth = 0;

const tried = stsHarms.filter(({ isChosen }) => isWholeSuite || isChosen);

beforeAll(async () => {
  front = await startStsFront();
  world = await startFaultWorld({
    workerEnvironment: { GATEHOUSE_STS_ENDPOINT: front.url, NODE_EXTRA_CA_CERTS: front.caFile },
  });
  front.leadTo(world.stack.dev.stsUrl);
  if (isWholeSuite) {
    const [refused, untrusted] = [await waiter('refused'), await waiter('untrusted')];
    met.set('refused', await front.refusing(() => meet(refused)));
    met.set('untrusted', await front.untrusted(() => meet(untrusted)));
  }
  const waiters = await Promise.all(tried.map(({ does }, index) => waiter(`harm-${index}`, does)));
  const other = await waiter('undisturbed');
  const worker = world.stack.services.workers[0]?.pid ?? 0;
  const before = await largestMemoryOf(worker);
  const startedAt = performance.now();
  const meeting = Promise.all(
    tried.map(async ({ name }, index) => {
      const mine = waiters[index];
      if (mine !== undefined) met.set(name, await meet(mine));
    }),
  );
  await Promise.all(waiters.map(({ accessKeyId }) => front.reached(accessKeyId, 1)));
  const meantime = await meet(other);
  expect(meantime.refusal).toBeUndefined();
  await meeting;
  undisturbed = { tookMs: meantime.tookMs, hangingMs: performance.now() - startedAt };
  growth = (await largestMemoryOf(worker)) - before;
}, 240_000);

afterAll(() => front.close());

/** A run that waits for a code of a device that nobody else has. */
async function waiter(name: string, harm?: Harm): Promise<Waiter> {
  const accessKeyId = `AKIA${encodeBase32(randomBytes(10))}`;
  const secretAccessKey = randomBytes(30).toString('base64');
  const secretBase32 = encodeBase32(randomBytes(20));
  const serial = `arn:aws:iam::123456789012:mfa/${name}`;
  await world.emulator('POST', '/users', {
    name,
    accessKeys: [{ accessKeyId, secretAccessKey }],
    mfaDevices: [{ serial, secretBase32 }],
  });
  const id = await world.workspace(name, { 'mfa-level': 'plans_and_applies' });
  await world.setVariable(id, 'AWS_ACCESS_KEY_ID', accessKeyId);
  await world.setVariable(id, 'AWS_SECRET_ACCESS_KEY', secretAccessKey);
  await world.setVariable(id, 'AWS_MFA_SERIAL_NUMBER', serial);
  const run = await world.queueRun(id, configuration, { 'plan-only': true });
  front.harm(accessKeyId, harm);
  return { accessKeyId, run, device: { emulatorUrl: world.stack.dev.stsUrl, serial, secretBase32 } };
}

async function meet(waiter: Waiter): Promise<Met> {
  const { api } = world;
  const startedAt = performance.now();
  const answered = await authenticateRun(api, waiter.run.id, await freshCode(waiter.device)).catch(
    (error: unknown) => error,
  );
  const tookMs = performance.now() - startedAt;
  const refusal = answered instanceof ApiError ? answered : undefined;
  if (refusal === undefined && answered instanceof Error) throw answered;
  const { attributes } = await readRun(api, waiter.run.id);
  return { run: waiter.run, waiter, refusal, tookMs, after: attributes };
}

function metWith(name: string): Met {
  const found = met.get(name);
  if (found === undefined) throw new Error(`Nobody met STS when it ${name}.`);
  return found;
}

/** The run waits as before, with a sentence and all tries; the code was sent once; the next code starts it. */
async function holdsOn(name: string, rejection: MfaRejection, calls: number): Promise<void> {
  const { run, waiter, refusal, tookMs, after } = metWith(name);
  expect(refusal?.codes).toEqual([rejection]);
  expect(refusal?.message).toMatch(/\. 5 tries are left/);
  expect(tookMs).toBeLessThan(requestWaitMs + 2_000);
  expect(after).toMatchObject({
    'gatehouse-status': 'awaiting_mfa',
    mfa: { state: 'awaiting', 'attempts-left': allTries, 'last-error': { code: rejection } },
  });
  expect(front.count(waiter.accessKeyId)).toBe(calls);
  front.harm(waiter.accessKeyId, undefined);
  await authenticateRun(world.api, run.id, await freshCode(waiter.device));
  const ended = await waitForRun(world.api, run.id, ['planned_and_finished'], 90_000);
  expect(ended.attributes['end-reason']).toBe('plan_only');
  expect(front.count(waiter.accessKeyId)).toBe(calls + 1);
}

const waits =
  'the run goes on waiting with a sentence that says what to do, no try is counted, the code is sent once, the next code starts the run';

for (const { name, rejection, isChosen = false } of stsHarms) {
  const said = { area: 'STS', harm: `STS ${name}`, isChosen };
  if (rejection === undefined) {
    row({ ...said, holds: 'the code is taken, sent once, and the run starts and ends' }, async () => {
      const { run, waiter, refusal } = metWith(name);
      expect(refusal).toBeUndefined();
      await waitForRun(world.api, run.id, ['planned_and_finished'], 90_000);
      expect(front.count(waiter.accessKeyId)).toBe(1);
    });
  } else row({ ...said, holds: `${waits} (\`${rejection}\`)` }, () => holdsOn(name, rejection, 1));
}

row({ area: 'STS', harm: 'STS refuses connections', holds: `${waits} (\`sts_unreachable\`)` }, () =>
  holdsOn('refused', 'sts_unreachable', 0),
);

row({ area: 'STS', harm: 'STS shows a certificate that nobody trusts', holds: `${waits} (\`sts_unreachable\`)` }, () =>
  holdsOn('untrusted', 'sts_unreachable', 0),
);

row(
  {
    area: 'STS',
    harm: 'STS fails many runs at once',
    holds: "another run's code is exchanged meanwhile, as fast as ever",
    isChosen: true,
  },
  () => {
    expect(undisturbed.tookMs).toBeLessThan(5_000);
    if (isWholeSuite) expect(undisturbed.tookMs).toBeLessThan(undisturbed.hangingMs / 2);
  },
);

row(
  {
    area: 'STS',
    harm: 'STS answers a body without end',
    holds: 'the worker takes little of it into its memory',
    isChosen: true,
  },
  () => expect(growth).toBeLessThan(longestGrowth),
);

row(
  {
    area: 'STS',
    harm: 'STS takes the code and answers only after the request has waited for it',
    when: 'the same code again',
    holds: 'AWS judges it and takes it no second time: one try is counted, and the next code starts the run',
  },
  async () => {
    const again = await waiter('again', stsHarms[1]?.does);
    const code = await freshCode(again.device);
    const send = () => authenticateRun(world.api, again.run.id, code).catch((error: unknown) => error);
    expect(await send()).toMatchObject({ codes: ['sts_unreachable'] });
    front.harm(again.accessKeyId, undefined);
    expect(await send()).toMatchObject({ codes: ['mfa_rejected'] });
    const { mfa } = (await readRun(world.api, again.run.id)).attributes;
    expect(mfa).toMatchObject({ state: 'awaiting', 'attempts-left': allTries - 1 });
    await authenticateRun(world.api, again.run.id, await freshCode(again.device));
    await waitForRun(world.api, again.run.id, ['planned_and_finished'], 90_000);
  },
);

row(
  {
    area: 'STS',
    harm: 'STS finds the clock of the worker 10 minutes behind',
    holds: 'the sentence names the clock',
    isChosen: true,
  },
  () => {
    const { refusal } = metWith('finds the clock of the worker 10 minutes behind (SignatureDoesNotMatch)');
    expect(refusal?.message).toContain('clock');
  },
);

tallyRows('STS misbehaves in every way', () => world, true);
