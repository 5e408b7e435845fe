import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { callSsm, invoke } from '../call-services.ts';
import { control, type Keys, keysOf, refusal, startEmulator } from '../start-emulator.ts';

const readOnly = { arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
const functionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:gatehouse-demo';
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[]) => ({ Effect: 'Allow', Action, Resource: '*' });
const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*' });

async function setup(seed: object = {}) {
  const emulator = await startEmulator({ seed: (demo) => ({ ...demo, ...seed }) });
  const assume = async (input: Partial<AssumeRoleCommandInput> = {}, keys?: Keys) =>
    emulator
      .client(keys)
      .send(new AssumeRoleCommand({ RoleArn: emulator.openRoleArn, RoleSessionName: 'run-1', ...input }));
  const put = (path: string, document: object) => control(emulator.url, 'PUT', path, document);
  return { ...emulator, assume, put, invoke: (keys: Keys) => invoke(emulator, keys) };
}

describe('what a session may do', () => {
  const role = 'arn:aws:sts::123456789012:assumed-role/gatehouse-read/run-1';
  const refused = `User: ${role} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn}`;

  test.each<[string, Partial<AssumeRoleCommandInput>, string | undefined]>([
    ['no policy leaves all that the role may', {}, undefined],
    [
      'ReadOnlyAccess does not allow it',
      { PolicyArns: [readOnly] },
      `${refused} because no session policy allows the lambda:InvokeFunction action`,
    ],
    [
      'an inline policy adds to the managed one',
      { PolicyArns: [readOnly], Policy: policy(allow('lambda:InvokeFunction')) },
      undefined,
    ],
    [
      'a denial in one beats the allowance in the other',
      { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AdministratorAccess' }], Policy: policy(deny('lambda:*')) },
      `${refused} with an explicit deny in a session policy`,
    ],
    [
      'an empty policy allows nothing',
      { Policy: policy() },
      `${refused} because no session policy allows the lambda:InvokeFunction action`,
    ],
  ])('%s', async (_name, input, message) => {
    const { assume, invoke } = await setup();
    const answer = await invoke(keysOf(await assume(input)));
    if (message === undefined) expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } });
    else expect(answer).toEqual({ status: 403, error: 'AccessDeniedException', body: { Message: message } });
  });

  test('a session policy gives nothing that the role does not have', async () => {
    const { assume, invoke, put, url } = await setup();
    await control(url, 'DELETE', '/roles/gatehouse-read/policies/everything');
    await put('/roles/gatehouse-read/policies/parameters', { Statement: allow('ssm:*') });
    const keys = keysOf(await assume({ Policy: policy(allow('*')) }));
    expect((await invoke(keys)).body).toEqual({
      Message: `${refused} because no identity-based policy allows the lambda:InvokeFunction action`,
    });
  });

  test('the account’s own managed policies come from the seed', async () => {
    const arn = 'arn:aws:iam::123456789012:policy/gatehouse/plan';
    const { assume, invoke } = await setup({ managedPolicies: { [arn]: { Statement: allow('lambda:Invoke*') } } });
    expect((await invoke(keysOf(await assume({ PolicyArns: [{ arn }] })))).status).toBe(200);
  });

  test('a role assumed from a session is limited by that session’s policies', async () => {
    const { assume, url } = await setup();
    const trustPolicy = { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:*' } };
    await control(url, 'PATCH', '/roles/gatehouse-read', { trustPolicy });
    expect(await refusal(assume({}, keysOf(await assume({ PolicyArns: [readOnly] }))))).toMatchObject({
      message: expect.stringContaining('because no session policy allows the sts:AssumeRole action'),
    });
    await expect(assume({}, keysOf(await assume({ Policy: policy(allow('sts:*')) })))).resolves.toBeDefined();
  });
});

describe('what a user may do', () => {
  test('trust in the account leaves it to the user’s policies; trust in the user does not, but for a denial', async () => {
    const { assume, url, put } = await setup();
    const trustIn = (AWS: string) =>
      control(url, 'PATCH', '/roles/gatehouse-read', {
        trustPolicy: { Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' } },
      });
    await control(url, 'DELETE', '/users/gatehouse/policies/everything');
    await trustIn('arn:aws:iam::123456789012:user/gatehouse');
    await expect(assume()).resolves.toBeDefined();
    await trustIn('arn:aws:iam::123456789012:root');
    expect((await refusal(assume())).message).toContain(
      'because no identity-based policy allows the sts:AssumeRole action',
    );
    await put('/users/gatehouse/policies/assume', { Statement: allow('sts:AssumeRole') });
    await expect(assume()).resolves.toBeDefined();
    await trustIn('arn:aws:iam::123456789012:user/gatehouse');
    await put('/users/gatehouse/policies/stop', { Statement: deny('sts:*') });
    expect((await refusal(assume())).message).toContain('with an explicit deny in an identity-based policy');
  });

  test('a denial of sessions issued before a time ends those, and leaves those that come after', async () => {
    const { assume, put, time, sessionKeys, invoke } = await setup();
    const [role, user] = [keysOf(await assume()), await sessionKeys()];
    expect([(await invoke(role)).status, (await invoke(user)).status]).toEqual([200, 200]);
    time.aheadMs = 2_000;
    const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 1_000).toISOString() } };
    const older = { Version: '2012-10-17', Statement: { ...deny('*'), Condition } };
    for (const path of ['/roles/gatehouse-read/policies/older', '/users/gatehouse/policies/older']) {
      expect((await put(path, older)).status).toBe(200);
    }
    for (const keys of [role, user]) {
      expect(await invoke(keys)).toMatchObject({
        status: 403,
        body: { Message: expect.stringContaining('with an explicit deny in an identity-based policy') },
      });
    }
    expect((await invoke(keysOf(await assume()))).status).toBe(200);
    expect((await invoke(await sessionKeys())).status).toBe(200);
  });
});

describe('policies that are refused', () => {
  const arns = (count: number) => Array.from({ length: count }, () => readOnly);
  test.each<[string, Partial<AssumeRoleCommandInput>, string, string]>([
    ['11 ARNs', { PolicyArns: arns(11) }, 'ValidationError', 'Member must have length less than or equal to 10'],
    [
      'an ARN that is none',
      { PolicyArns: [{ arn: 'arn:aws:iam::aws:role/ReadOnlyAccess' }] },
      'ValidationError',
      'arn:aws:iam::aws:role/ReadOnlyAccess is invalid',
    ],
    [
      'a policy that does not exist',
      { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnly' }] },
      'ValidationError',
      'Policy arn:aws:iam::aws:policy/ReadOnly does not exist or is not attachable.',
    ],
    [
      'a document that is no policy',
      { Policy: '{"Statement":[{"Effect":"Allow"}]}' },
      'MalformedPolicyDocumentException',
      'Syntax errors in policy.',
    ],
    [
      'an inline policy over 2,048 characters',
      { Policy: policy(allow('s3:Get*')).padEnd(2049) },
      'ValidationError',
      "at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
    ],
    [
      'together over 2,048 characters',
      { Policy: policy(allow('s3:Get*')).padEnd(2020), PolicyArns: [readOnly] },
      'PackedPolicyTooLargeException',
      'of allotted space, please use smaller policy.',
    ],
    [
      'many actions in few characters',
      { Policy: policy(allow(Array.from({ length: 90 }, (_, n) => `service${n}:Get*`))) },
      'PackedPolicyTooLargeException',
      'Packed policy consumes ',
    ],
    [
      'tags that are too long together',
      { Tags: [1, 2, 3].map((n) => ({ Key: `tag${n}`, Value: 'x'.repeat(250) })) },
      'PackedPolicyTooLargeException',
      'Packed size of session tags consumes 170% of allotted space.',
    ],
  ])('%s', async (_name, input, code, message) => {
    const { assume, mfa, roleArn, state } = await setup();
    const device = mfa();
    expect(await refusal(assume({ ...input, ...device, RoleArn: roleArn }))).toEqual({
      code,
      message: expect.stringContaining(message),
      status: 400,
    });
    expect(state.sessions.size).toBe(0);
    await expect(assume({ ...device, RoleArn: roleArn })).resolves.toBeDefined();
  });
});

test('the root user’s keys get an hour at most, assume no role, and may do everything else', async () => {
  const root = { accessKeyId: 'AKIAROOTROOTROOTROO2', secretAccessKey: 'root-secret-root-secret-root-secret-root' };
  const emulator = await startEmulator({
    seed: (demo) => ({ ...demo, users: [...demo.users, { name: 'root', root: true, accessKeys: [root] }] }),
  });
  const { state, client, openRoleArn } = emulator;
  expect(await client(root).send(new GetCallerIdentityCommand({}))).toMatchObject({
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '123456789012',
  });
  for (const DurationSeconds of [undefined, 43_200, 900]) {
    const keys = keysOf(await client(root).send(new GetSessionTokenCommand({ DurationSeconds })));
    expect(state.sessions.get(keys.accessKeyId)?.durationSeconds).toBe(Math.min(DurationSeconds ?? 3600, 3600));
    expect((await invoke(emulator, keys)).status).toBe(200);
    expect((await callSsm(emulator, keys, 'DescribeParameters', { ParameterFilters: [] })).status).toBe(200);
  }
  const assume = new AssumeRoleCommand({ RoleArn: openRoleArn, RoleSessionName: 'root' });
  expect(await refusal(client(root).send(assume))).toEqual({
    code: 'AccessDenied',
    message: 'Roles may not be assumed by root accounts.',
    status: 403,
  });
});
