import { inspect } from 'node:util';
import { found, passed } from '@gatehouse/shared/aws-findings';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkIdentity } from '../../src/services/check-identity.ts';
import {
  allPassed,
  type CheckAnswer,
  type CheckInHand,
  goodSerial,
  type RunWorld,
  startRunWorld,
} from '../run-world.ts';

const secretAccessKey = 'candidate/secret/of/mia/with/40/letters1';
let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let answer: (check: CheckInHand) => CheckAnswer = allPassed;
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 600 });
  lane = world.gateLane(
    () => 'silence',
    (check) => answer(check),
  );
});
afterEach(() => {
  answer = allPassed;
  lane.checks.length = 0;
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

const check = (more: { accessKeyId?: string; sessionToken?: Secret; mfaSerial?: string } = {}) => {
  const { mfaSerial = goodSerial, ...keys } = more;
  const identity = { accessKeyId: 'AKIACANDIDATE0000000', secretAccessKey: new Secret(secretAccessKey), ...keys };
  return checkIdentity(world, { organization: 'acme', requestedBy: world.mia.userId, identity, mfaSerial });
};
const refusal = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });
const rows = () => world.database.all<Record<string, unknown>>('select * from aws_checks');

test('keys that a worker found right are named by their ARN, and are kept nowhere', async () => {
  const { arn, results } = await check();
  expect(arn).toBe('arn:aws:iam::123456789012:user/olga');
  expect(results.map(({ probe, outcome }) => `${probe} ${outcome}`)).toEqual([
    'variables passed',
    'keys passed',
    'clock passed',
    'device passed',
    'role skipped',
  ]);
  expect(JSON.parse(lane.checks[0]?.identity ?? '')).toEqual({ accessKeyId: 'AKIACANDIDATE0000000', secretAccessKey });
  expect(lane.checks[0]?.claim).toMatchObject({ mfaSerial: goodSerial, hasCode: false });
  expect(rows()).toMatchObject([{ state: 'finished', sealed_identity: null }]);
  expect(inspect([rows(), results, world.logged], { depth: 9 })).not.toContain(secretAccessKey);
});

test('a finding refuses them, in words that say what to do', async () => {
  answer = () => ({
    arn: 'arn:aws:iam::123456789012:user/olga',
    results: [passed('keys', ''), found('serial_unknown')],
  });
  await expect(check()).rejects.toThrowError(refusal('aws_identity_refused', 'must be of the same IAM user'));
  answer = () => ({ results: [found('secret_wrong')] });
  await expect(check()).rejects.toThrowError(refusal('aws_identity_refused', 'does not belong to the access key'));
});

test('what cannot be right is refused without asking anybody', async () => {
  await expect(check({ mfaSerial: 'arn:aws:iam::1:user/x' })).rejects.toThrowError(
    refusal('aws_identity_refused', 'none of an MFA device'),
  );
  await expect(check({ accessKeyId: 'ASIACANDIDATE0000000' })).rejects.toThrowError(
    refusal('aws_identity_refused', 'a session, not long-lived keys'),
  );
  await expect(check({ sessionToken: new Secret('token') })).rejects.toThrowError(
    refusal('aws_identity_refused', 'AWS_SESSION_TOKEN'),
  );
  expect(lane.checks).toHaveLength(0);
});

test('a worker that never reports leaves them unproven, and forgotten', async () => {
  answer = () => 'silence';
  await expect(check()).rejects.toThrowError(refusal('aws_check_unanswered', 'Look whether a worker runs'));
  expect(rows().map(({ state }) => state)).not.toContain('claimed');
});

test('where no worker can be told of them they are forgotten at once', async () => {
  const queue = { queueCheck: () => Promise.reject(new Error('Connection is closed.')) };
  const identity = { accessKeyId: 'AKIACANDIDATE0000000', secretAccessKey: new Secret(secretAccessKey) };
  const input = { organization: 'acme', requestedBy: world.mia.userId, identity, mfaSerial: goodSerial };
  await expect(checkIdentity({ ...world, queue }, input)).rejects.toThrowError(
    refusal('aws_check_unanswered', 'Redis does not answer'),
  );
  expect(rows().every((row) => row['state'] === 'finished' && row['sealed_identity'] === null)).toBe(true);
});

test('a device that nobody looked at is not taken for right', async () => {
  answer = () => ({ arn: 'arn:aws:iam::123456789012:user/olga', results: [passed('keys', '')] });
  await expect(check()).rejects.toThrowError(refusal('aws_check_unanswered', 'were not kept'));
});
