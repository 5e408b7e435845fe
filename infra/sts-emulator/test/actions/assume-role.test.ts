import { AssumeRoleCommand, type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { type Keys, keysOf, refusal, startEmulator } from '../start-emulator.ts';

async function setup() {
  const emulator = await startEmulator();
  const send = (input: Partial<AssumeRoleCommandInput>, keys?: Keys) =>
    emulator
      .client(keys)
      .send(new AssumeRoleCommand({ RoleArn: emulator.roleArn, RoleSessionName: 'run-1', ...input }));
  const lastCall = () => emulator.state.journal.entries.at(-1);
  return { ...emulator, send, lastCall };
}

describe('AssumeRole', () => {
  test('with a code on the call, a role that demands MFA opens for an hour', async () => {
    const { send, mfa, client, roleArn, lastCall } = await setup();
    const answer = await send(mfa());
    expect(answer.AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/gatehouse-deploy/run-1');
    expect(answer.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z2-7]{17}:run-1$/);
    expect(lastCall()).toMatchObject({ outcome: 'ok', roleArn, durationSeconds: 3600, roleSessionName: 'run-1' });
    const identity = await client(keysOf(answer)).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Arn: answer.AssumedRoleUser?.Arn, Account: '123456789012' });
  });

  test('with a session that was made with a code, it opens without another', async () => {
    const { send, mfa, sessionKeys } = await setup();
    await expect(send({}, await sessionKeys(mfa()))).resolves.toBeDefined();
  });

  test('long-lived keys and sessions without MFA are refused by the trust policy', async () => {
    const { send, sessionKeys, roleArn, lastCall } = await setup();
    for (const keys of [undefined, await sessionKeys()]) {
      expect(await refusal(send({}, keys))).toEqual({
        code: 'AccessDenied',
        message: `User: arn:aws:iam::123456789012:user/gatehouse is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        status: 403,
      });
      expect(lastCall()?.reason).toBe('trust_policy');
    }
  });

  test('a role without the condition opens without MFA', async () => {
    const { send, openRoleArn } = await setup();
    await expect(send({ RoleArn: openRoleArn })).resolves.toBeDefined();
  });

  test('a role that does not exist is refused in the same words', async () => {
    const { send, mfa, lastCall } = await setup();
    const RoleArn = 'arn:aws:iam::123456789012:role/nowhere';
    expect(await refusal(send({ ...mfa(), RoleArn }))).toMatchObject({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::123456789012:user/gatehouse is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    });
    expect(lastCall()?.reason).toBe('role_unknown');
  });

  test('a code is spent by one call, whichever action it is', async () => {
    const { send, mfa, sessionKeys, lastCall } = await setup();
    const input = mfa();
    await sessionKeys(input);
    expect(await refusal(send(input))).toEqual({
      code: 'AccessDenied',
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
      status: 403,
    });
    expect(lastCall()?.reason).toBe('code_reused');
  });

  test('the holder of a role session has no device, and carries no MFA on', async () => {
    const { send, mfa, roleKeys } = await setup();
    const keys = await roleKeys();
    expect(await refusal(send(mfa(), keys))).toMatchObject({ code: 'AccessDenied' });
    expect(await refusal(send({}, keysOf(await send(mfa()))))).toMatchObject({
      message:
        'User: arn:aws:sts::123456789012:assumed-role/gatehouse-deploy/run-1 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/gatehouse-deploy',
    });
  });

  test('the duration is bounded by AWS, by the role and, for a session, by one hour', async () => {
    const { send, openRoleArn, sessionKeys } = await setup();
    const asking = (DurationSeconds: number, keys?: Keys) =>
      refusal(send({ RoleArn: openRoleArn, DurationSeconds }, keys));
    expect(await asking(43_201)).toMatchObject({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    });
    expect(await asking(899)).toMatchObject({ code: 'ValidationError', status: 400 });
    expect(await asking(3601)).toEqual({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      status: 400,
    });
    expect(await asking(3601, await sessionKeys())).toMatchObject({
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  });

  test('a role session is refused from its expiry on', async () => {
    const { send, openRoleArn, client, time } = await setup();
    const keys = keysOf(await send({ RoleArn: openRoleArn, DurationSeconds: 900 }));
    time.aheadMs = 900_000;
    expect(await refusal(client(keys).send(new GetCallerIdentityCommand({})))).toMatchObject({ code: 'ExpiredToken' });
  });

  test('policy, policy ARNs, source identity and tags are accepted and kept with the session', async () => {
    const { send, mfa, state, lastCall } = await setup();
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    const answer = await send({
      ...mfa(),
      Policy,
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      SourceIdentity: 'demo',
      Tags: [
        { Key: 'run', Value: 'run-1' },
        { Key: 'phase', Value: 'plan + apply' },
      ],
    });
    expect(answer).toMatchObject({ SourceIdentity: 'demo', PackedPolicySize: 12 });
    expect(state.sessions.get(keysOf(answer).accessKeyId)).toMatchObject({
      policy: Policy,
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      sourceIdentity: 'demo',
      tags: { run: 'run-1', phase: 'plan + apply' },
    });
    expect(lastCall()?.policy).toBe(Policy);
  });

  test('a session policy that is not JSON is refused before the code is spent', async () => {
    const { send, mfa } = await setup();
    const input = mfa();
    expect(await refusal(send({ ...input, Policy: '{' }))).toMatchObject({ code: 'MalformedPolicyDocumentException' });
    await expect(send(input)).resolves.toBeDefined();
  });

  test('missing and malformed parameters are counted in one validation error', async () => {
    const { send } = await setup();
    expect(await refusal(send({ RoleArn: 'short', RoleSessionName: '<b>&' }))).toEqual({
      code: 'ValidationError',
      message:
        "2 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value '<b>&' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      status: 400,
    });
    expect(await refusal(send({ RoleSessionName: undefined }))).toMatchObject({
      message:
        "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
    });
  });
});
