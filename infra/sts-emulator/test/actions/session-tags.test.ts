import { AssumeRoleCommand, type AssumeRoleCommandInput, type Tag } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { control, type Keys, keysOf, refusal, startEmulator } from '../start-emulator.ts';

async function setup() {
  const emulator = await startEmulator();
  const send = (input: Partial<AssumeRoleCommandInput>, keys?: Keys) =>
    emulator
      .client(keys)
      .send(new AssumeRoleCommand({ RoleArn: emulator.openRoleArn, RoleSessionName: 'run-1', ...input }));
  const trust = async (Action: string | string[], more: object = {}) => {
    const Principal = { AWS: '123456789012' };
    const trustPolicy = { Statement: [{ Effect: 'Allow', Principal, Action }, ...Object.values(more)] };
    const answer = await control(emulator.url, 'PATCH', '/roles/gatehouse-read', { trustPolicy });
    expect(answer.status).toBe(200);
  };
  const lastCall = () => emulator.state.journal.entries.at(-1);
  return { ...emulator, send, trust, lastCall };
}

const tags = (values: Record<string, string>): Tag[] => Object.entries(values).map(([Key, Value]) => ({ Key, Value }));

describe('what the trust policy must allow', () => {
  test.each([
    ['sts:AssumeRole', { Tags: tags({ user: 'ada' }) }, 'sts:TagSession'],
    ['sts:AssumeRole', { SourceIdentity: 'ada' }, 'sts:SetSourceIdentity'],
    [['sts:AssumeRole', 'sts:Set*'], { Tags: tags({ user: 'ada' }), SourceIdentity: 'ada' }, 'sts:TagSession'],
    ['sts:TagSession', { Tags: tags({ user: 'ada' }) }, 'sts:AssumeRole'],
  ])('%s does not allow %o: %s is missing', async (Action, input, missing) => {
    const { trust, send, openRoleArn, lastCall } = await setup();
    await trust(Action);
    expect(await refusal(send(input))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::123456789012:user/gatehouse is not authorized to perform: ${missing} on resource: ${openRoleArn}`,
      status: 403,
    });
    expect(lastCall()?.reason).toBe('trust_policy');
    await trust('sts:*');
    await expect(send(input)).resolves.toBeDefined();
  });

  test('a condition on the tags lets those in that it names', async () => {
    const { trust, send } = await setup();
    const Condition = { StringEquals: { 'aws:RequestTag/workspace': 'network' } };
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sts:TagSession', Condition };
    await trust('sts:AssumeRole', { statement });
    await expect(send({ Tags: tags({ workspace: 'network' }) })).resolves.toBeDefined();
    expect(await refusal(send({ Tags: tags({ workspace: 'dns' }) }))).toMatchObject({ code: 'AccessDenied' });
  });
});

test('the journal tells who it was, whether with MFA and under which policies', async () => {
  const { send, mfa, roleArn, sessionKeys, lastCall } = await setup();
  const carried = { SourceIdentity: 'ada', Tags: tags({ user: 'ada', run: 'run-1' }) };
  const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }];
  await send({ RoleArn: roleArn, ...carried, ...mfa(), PolicyArns });
  expect(lastCall()).toMatchObject({
    sourceIdentity: 'ada',
    tags: { user: 'ada', run: 'run-1' },
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    mfaPresent: true,
  });
  await send({}, await sessionKeys());
  expect(lastCall()).toMatchObject({ sourceIdentity: null, tags: {}, policyArns: [], mfaPresent: false });
  await send({}, await sessionKeys(mfa()));
  expect(lastCall()?.mfaPresent).toBe(true);
});

describe('a role assumed from a role', () => {
  test('inherits the source identity, which it cannot change', async () => {
    const { send, trust, lastCall } = await setup();
    const keys = keysOf(await send({ SourceIdentity: 'ada' }));
    await trust('sts:*');
    expect((await send({}, keys)).SourceIdentity).toBe('ada');
    expect(lastCall()?.sourceIdentity).toBe('ada');
    await expect(send({ SourceIdentity: 'ada' }, keys)).resolves.toBeDefined();
    expect(await refusal(send({ SourceIdentity: 'eve' }, keys))).toEqual({
      code: 'ValidationError',
      message: 'The source identity is already set for this assume role session',
      status: 400,
    });
    await trust('sts:AssumeRole');
    expect(await refusal(send({}, keys))).toMatchObject({ message: expect.stringContaining('sts:SetSourceIdentity') });
  });

  test('inherits the transitive tags and no others', async () => {
    const { send, trust, state } = await setup();
    await trust('sts:*');
    const first = { Tags: tags({ User: 'ada', run: 'run-1' }), TransitiveTagKeys: ['user'] };
    const keys = keysOf(await send(first));
    const second = keysOf(await send({ Tags: tags({ step: '2' }) }, keys));
    expect(state.sessions.get(second.accessKeyId)).toMatchObject({ tags: { User: 'ada', step: '2' } });
    expect(await refusal(send({ Tags: tags({ USER: 'eve' }) }, second))).toEqual({
      code: 'InvalidParameterValue',
      message:
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      status: 400,
    });
    await trust('sts:AssumeRole');
    expect(await refusal(send({}, second))).toMatchObject({ message: expect.stringContaining('sts:TagSession') });
  });
});

describe('limits of tags', () => {
  const many = (count: number) => tags(Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, 'x'])));
  const broken = 'failed to satisfy constraint: Member must';
  test.each([
    ['51 tags', { Tags: many(51) }, 'ValidationError', `at 'tags' ${broken} have length less than or equal to 50`],
    [
      'a long key',
      { Tags: tags({ ['k'.repeat(129)]: 'x' }) },
      'ValidationError',
      `at 'tags.1.member.key' ${broken} have length less than or equal to 128`,
    ],
    [
      'a long value',
      { Tags: tags({ first: '', second: 'x'.repeat(257) }) },
      'ValidationError',
      `at 'tags.2.member.value' ${broken} have length less than or equal to 256`,
    ],
    [
      'a character that is not allowed',
      { Tags: tags({ user: 'a*' }) },
      'ValidationError',
      `Value 'a*' at 'tags.1.member.value' ${broken} satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*`,
    ],
    ['an empty key', { Tags: tags({ '': 'x' }) }, 'ValidationError', "at 'tags.1.member.key'"],
    [
      'keys that differ by case',
      { Tags: tags({ user: 'a', User: 'b' }) },
      'InvalidParameterValue',
      'Duplicate tag keys',
    ],
    ['a reserved key', { Tags: tags({ 'AWS:user': 'a' }) }, 'ValidationError', 'reserved for AWS use'],
    ['an identity with a colon', { SourceIdentity: 'aws:ada' }, 'ValidationError', "at 'sourceIdentity'"],
    [
      'a transitive key without its tag',
      { Tags: tags({ user: 'a' }), TransitiveTagKeys: ['run'] },
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    ],
    ['50 tags', { Tags: many(50) }, undefined, undefined],
    ['letters of any script', { Tags: tags({ 'Größe der 部': 'é / + = . _ : @ -' }) }, undefined, undefined],
  ])('%s', async (_name, input, code, message) => {
    const { send } = await setup();
    if (code === undefined) return expect(send(input)).resolves.toBeDefined();
    expect(await refusal(send(input))).toMatchObject({ code, message: expect.stringContaining(message ?? '') });
  });
});
