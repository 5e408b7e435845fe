import type { AwsFinding, CheckResult } from '@gatehouse/shared/aws-findings';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkSetup, type SetUp, type SetUpAnswer } from '../../src/sts/check-setup.ts';
import type { StsOptions } from '../../src/sts/sts-client.ts';
import { answeringSts } from '../surroundings/answering-sts.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';

// Each mistake that people make is planted in the emulator, and the check has to name it.

let emulator: Emulator;
let user: string;
beforeAll(async () => {
  emulator = await startEmulator();
  user = 'arn:aws:iam::123456789012:user/gatehouse';
});
beforeEach(() => emulator.control('DELETE', '/journal'));
afterEach(() => emulator.control('DELETE', '/faults'));
afterAll(() => emulator.close());

let count = 0;
type Statement = { principal?: string; actions?: string[]; withMfa?: boolean };
async function newRole({ principal = user, actions, withMfa = true }: Statement = {}): Promise<string> {
  const name = `role-${++count}`;
  await emulator.control('POST', '/roles', {
    name,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: principal },
        Action: actions ?? ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        ...(withMfa ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {}),
      },
    },
  });
  return `arn:aws:iam::123456789012:role/${name}`;
}

const roleOf = (arn: string, demandsCode = true): NonNullable<SetUp['role']> => ({
  arn,
  demandsCode,
  sessionName: 'mia-check',
  sourceIdentity: 'mia',
  tags: [{ key: 'gatehouse:user', value: 'mia' }],
});

async function check(more: Partial<SetUp> = {}, sts: StsOptions = emulator.sts): Promise<SetUpAnswer> {
  const plain = { identity: emulator.identity, mfaSerial: emulator.mfaSerial, role: undefined, code: undefined };
  const answer = await checkSetup(sts, { ...plain, ...more });
  const told = JSON.stringify(answer);
  const secrets = [emulator.secretAccessKey, more.identity?.secretAccessKey.reveal(), more.code?.reveal()];
  for (const secret of secrets) if (secret !== undefined) expect(told).not.toContain(secret);
  return answer;
}

const withCode = async () => new Secret(await emulator.freshCode());
const outcomes = (answer: SetUpAnswer) => answer.results.map(({ probe, outcome }) => `${probe} ${outcome}`);
const findings = ({ results }: SetUpAnswer) => results.flatMap(({ finding }) => (finding === null ? [] : [finding]));
const resultOf = ({ results }: SetUpAnswer, finding: AwsFinding): CheckResult => {
  const result = results.find((one) => one.finding === finding);
  if (result === undefined) throw new Error(`${finding} was not found, but ${JSON.stringify(results)}`);
  return result;
};
const device = () => emulator.control('GET', `/devices/${encodeURIComponent(emulator.mfaSerial)}`);
const sessions = async () => (await emulator.control('GET', '/sessions'))['sessions'] as { accessKeyId: string }[];

describe('a right set-up passes', () => {
  test('without a code: nothing is spent, and no session is given', async () => {
    const before = [await device(), await sessions()];
    const answer = await check({ role: roleOf(await newRole()) });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed', 'device passed', 'role passed']);
    expect(answer).toMatchObject({ arn: user });
    expect(answer.trust).toBeUndefined();
    expect([await device(), await sessions()]).toEqual(before);
    const calls = await emulator.calls('GetSessionToken');
    expect(calls).toMatchObject([{ outcome: 'AccessDenied', reason: 'code_wrong' }]);
    expect(await emulator.calls('AssumeRole')).toMatchObject([{ outcome: 'AccessDenied' }]);
  });

  test('with a code: it is spent once, and the role opens with it, names and all', async () => {
    const { lastAcceptedStep: before } = await device();
    const answer = await check({ role: roleOf(await newRole()), code: await withCode() });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed', 'device passed', 'role passed']);
    expect(answer.trust).toEqual({ tags: true, sourceIdentity: true, accessKeyId: emulator.accessKeyId });
    expect((await device())['lastAcceptedStep']).not.toBe(before);
    expect(await emulator.calls('GetSessionToken')).toHaveLength(1);
    // What the check was given is all that was issued, as short as AWS gives it.
    for (const { durationSeconds } of (await emulator.calls('AssumeRole')) as { durationSeconds: number }[]) {
      expect(durationSeconds).toBe(900);
    }
  });

  test('a role for plans without a code opens without MFA', async () => {
    const answer = await check({ role: roleOf(await newRole({ withMfa: false }), false) });
    expect(findings(answer)).toEqual([]);
    expect(answer.trust).toMatchObject({ tags: true, sourceIdentity: true });
  });

  test('without a serial number and a role they are not asked about', async () => {
    expect(outcomes(await check({ mfaSerial: undefined }))).toEqual(['keys passed', 'clock passed']);
    expect(await emulator.calls('GetSessionToken')).toEqual([]);
  });
});

describe('a mistake is named', () => {
  test('an access key that AWS does not know', async () => {
    const identity = { ...emulator.identity, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' };
    const answer = await check({ identity, role: roleOf(await newRole()) });
    expect(outcomes(answer)).toEqual(['keys failed', 'clock passed', 'device skipped', 'role skipped']);
    expect(resultOf(answer, 'keys_unknown').detail).toContain('InvalidClientTokenId');
    expect(answer.arn).toBeUndefined();
  });

  test('an access key that is switched off', async () => {
    const key = { accessKeyId: 'AKIASWITCHEDOFF00000', secretAccessKey: 'switched/off/but/long/enough/for/a/key' };
    await emulator.control('POST', '/users/gatehouse/access-keys', { ...key, active: false });
    const identity = { ...key, secretAccessKey: new Secret(key.secretAccessKey), sessionToken: undefined };
    expect(findings(await check({ identity }))).toEqual(['keys_unknown']);
  });

  test('a secret that does not belong to the key', async () => {
    const secretAccessKey = new Secret('wrongwrongwrongwrongwrongwrongwrongwrong');
    const answer = await check({ identity: { ...emulator.identity, secretAccessKey } });
    expect(findings(answer)).toEqual(['secret_wrong']);
  });

  test('the keys of root', async () => {
    const root = await answeringSts('<Arn>arn:aws:iam::123456789012:root</Arn><Account>123456789012</Account>');
    const answer = await check({ mfaSerial: undefined }, root.sts);
    await root.close();
    expect(resultOf(answer, 'keys_of_root').outcome).toBe('warned');
    expect(answer.arn).toBe('arn:aws:iam::123456789012:root');
  });

  test('the device of another user', async () => {
    const serial = 'arn:aws:iam::123456789012:mfa/somebody';
    const user = { name: 'somebody', mfaDevices: [{ serial, secretBase32: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }] };
    await emulator.control('POST', '/users', user);
    const answer = await check({ mfaSerial: serial });
    expect(resultOf(answer, 'serial_unknown').detail).toContain('verify your MFA serial number');
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed', 'device failed']);
  });

  test('the device of another account, without asking about it', async () => {
    const answer = await check({ mfaSerial: 'arn:aws:iam::210987654321:mfa/gatehouse' });
    expect(resultOf(answer, 'serial_unknown').detail).toContain('of account 210987654321');
    expect(await emulator.calls('GetSessionToken')).toEqual([]);
  });

  test('a wrong code', async () => {
    const code = new Secret(await emulator.wrongCode());
    const answer = await check({ code, role: roleOf(await newRole()) });
    expect(findings(answer)).toEqual(['code_refused']);
    expect(outcomes(answer)).toContain('role passed');
  });

  test('a role that opens without MFA', async () => {
    const before = await sessions();
    const answer = await check({ role: roleOf(await newRole({ withMfa: false })) });
    expect(findings(answer)).toEqual(['role_without_mfa']);
    expect(JSON.stringify(answer)).not.toContain('ASIA');
    expect((await sessions()).length).toBeGreaterThan(before.length);
  });

  test('a role that demands MFA where plans ask for none', async () => {
    const answer = await check({ role: roleOf(await newRole(), false) });
    expect(resultOf(answer, 'role_refused').detail).toContain('plans here ask for no code');
  });

  test('a role that does not trust the user, which a code shows', async () => {
    const role = roleOf(await newRole({ principal: 'arn:aws:iam::123456789012:user/other' }));
    const answer = await check({ role, code: await withCode() });
    expect(resultOf(answer, 'role_refused').detail).toContain('not authorized to perform: sts:AssumeRole');
    expect(answer.trust).toBeUndefined();
  });

  test.each([
    [['sts:AssumeRole', 'sts:SetSourceIdentity'], ['trust_lacks_tags'], { tags: false, sourceIdentity: true }],
    [['sts:AssumeRole', 'sts:TagSession'], ['trust_lacks_source_identity'], { tags: true, sourceIdentity: false }],
    [['sts:AssumeRole'], ['trust_lacks_tags', 'trust_lacks_source_identity'], { tags: false, sourceIdentity: false }],
  ])('a trust policy that allows %j only', async (actions, codes, trust) => {
    const answer = await check({ role: roleOf(await newRole({ actions })), code: await withCode() });
    expect(findings(answer)).toEqual(codes);
    expect(outcomes(answer)).toContain('role passed');
    expect(answer.trust).toMatchObject(trust);
  });
});

describe('a clock that is wrong', () => {
  test('by minutes, which AWS still forgives', async () => {
    await emulator.fault({ kind: 'wrong_clock', ms: 4 * 60_000 });
    const answer = await check({ role: roleOf(await newRole()) });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock failed', 'device passed', 'role passed']);
    expect(resultOf(answer, 'clock_off').detail).toMatch(/It is (239|240|241) seconds behind that of AWS/);
  });

  test('the other way', async () => {
    await emulator.fault({ kind: 'wrong_clock', ms: -4 * 60_000 });
    expect(resultOf(await check(), 'clock_off').detail).toMatch(/seconds ahead of that of AWS/);
  });

  test('by so much that AWS refuses is not taken for a wrong secret, and hides nothing else', async () => {
    await emulator.fault({ kind: 'wrong_clock', ms: 20 * 60_000 });
    const answer = await check({
      role: roleOf(await newRole({ actions: ['sts:AssumeRole'] })),
      code: await withCode(),
    });
    expect(findings(answer)).toEqual(['clock_off', 'trust_lacks_tags', 'trust_lacks_source_identity']);
    const secretAccessKey = new Secret('wrongwrongwrongwrongwrongwrongwrongwrong');
    const wrong = await check({ identity: { ...emulator.identity, secretAccessKey } });
    expect(findings(wrong)).toEqual(['secret_wrong', 'clock_off']);
  });

  test('by less than the half minute of a code passes', async () => {
    await emulator.fault({ kind: 'wrong_clock', ms: 20_000 });
    expect(outcomes(await check())).toContain('clock passed');
  });

  test('the way to AWS and back is no error of the clock', async () => {
    await emulator.fault({ kind: 'delay', ms: 3_000, when: 'after', times: 1 });
    const answer = await check({ mfaSerial: undefined });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed']);
    // Half of three seconds, of which it knows.
    expect(answer.results[1]?.detail).toMatch(/less than [23] seconds/);
  });
});

describe('AWS does not say', () => {
  test.each([
    ['refuse_connection', 'sts_unreachable'],
    ['garbage', 'sts_unreachable'],
    ['server_error', 'sts_unreachable'],
    ['throttle', 'sts_refused'],
  ] as const)('%s is %s', async (kind, finding) => {
    await emulator.fault({ kind });
    const answer = await check();
    expect(findings(answer)).toEqual([finding]);
    expect(outcomes(answer)).toContain('device skipped');
  });

  test('at the device only: the keys are told of all the same', async () => {
    await emulator.fault({ kind: 'throttle', action: 'GetSessionToken' });
    const answer = await check({ role: roleOf(await newRole()) });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed', 'device failed', 'role passed']);
    expect(resultOf(answer, 'sts_refused')).toMatchObject({ probe: 'device' });
  });

  test('at the role', async () => {
    await emulator.fault({ kind: 'refuse_connection', action: 'AssumeRole' });
    expect(resultOf(await check({ role: roleOf(await newRole()) }), 'sts_unreachable')).toMatchObject({
      probe: 'role',
    });
  });

  test('in the time that the api waits: what was found out by then is told', async () => {
    await emulator.fault({ kind: 'delay', ms: 60_000, action: 'GetSessionToken' });
    const answer = await check({ role: roleOf(await newRole()) }, { ...emulator.sts, until: AbortSignal.timeout(500) });
    expect(outcomes(answer)).toEqual(['keys passed', 'clock passed', 'device failed', 'role failed']);
    expect(findings(answer)).toEqual(['sts_unreachable', 'sts_unreachable']);
  });

  test('since nobody listens', async () => {
    const answer = await check({}, { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' });
    expect(resultOf(answer, 'sts_unreachable').detail).toContain('ECONNREFUSED');
    expect(outcomes(answer)).toContain('clock skipped');
  });
});
