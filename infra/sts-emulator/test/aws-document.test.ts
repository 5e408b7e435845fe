import { readFile } from 'node:fs/promises';
import { AssumeRoleCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import {
  type IdentityPolicy,
  identityPolicySchema,
  judge,
  type Principal,
} from '@gatehouse/sts-emulator/policies/identity-policy';
import { trustPolicySchema } from '@gatehouse/sts-emulator/policies/trust-policy';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { invoke } from './call-services.ts';
import { control, type Keys, keysOf, refusal, startEmulator } from './start-emulator.ts';

// What docs/aws.md gives to paste is accepted, and does what the page says it does. Each block stands under a comment
// that tells what it is.

const page = await readFile(new URL('../../../docs/aws.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/(?:<!-- ([\w ]+): ([\w -]+) -->\n)?```json\n([\s\S]*?)```/g)].map(
  ([, kind, name, text]) => ({ kind, name, text: text ?? '' }),
);

const eventSchema = z.object({
  eventName: z.string(),
  eventSource: z.string().regex(/\.amazonaws\.com$/),
  eventTime: z.iso.datetime(),
  userIdentity: z.object({ type: z.string(), arn: z.string(), accessKeyId: z.string() }),
});
const schemas: Record<string, z.ZodType> = {
  'trust policy': trustPolicySchema,
  'identity policy': identityPolicySchema,
  'session policy': identityPolicySchema,
  'CloudTrail event': eventSchema,
};

test('the page has blocks of every kind', () => {
  expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(Object.keys(schemas)));
  expect(page.match(/```json/g)).toHaveLength(blocks.length);
});

test.each(blocks)('the $kind "$name" is accepted', ({ kind, text }) => {
  const schema = schemas[kind ?? ''];
  if (schema === undefined) throw new Error(`nobody knows what a ${kind} is: ${text}`);
  expect(schema.safeParse(JSON.parse(text))).toMatchObject({ success: true });
});

function block<Schema extends z.ZodType>(kind: string, name: string, schema: Schema): z.output<Schema> {
  const found = blocks.find((one) => one.kind === kind && one.name === name);
  if (found === undefined) throw new Error(`docs/aws.md has no ${kind} "${name}"`);
  return schema.parse(JSON.parse(found.text));
}
const trustPolicy = (name: string) => block('trust policy', name, trustPolicySchema);
const identityPolicy = (name: string) => block('identity policy', name, identityPolicySchema);

const run = 'run-2mF9sQkLxV7cRtYbN3dWpH';
/** What Gatehouse says of a session. */
const named = {
  RoleSessionName: `ada-${run}`,
  SourceIdentity: 'ada',
  Tags: [
    { Key: 'gatehouse:user', Value: 'ada' },
    { Key: 'gatehouse:run', Value: run },
    { Key: 'gatehouse:workspace', Value: 'platform/network' },
  ],
};

/** The account of the page: the demo user under the user's policy, the role under the trust policy. */
async function setup(trust = 'users', ...policies: string[]) {
  const emulator = await startEmulator();
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await control(emulator.url, method, path, body);
    expect(answer.status).toBeLessThan(300);
  };
  await call('PATCH', '/roles/gatehouse-deploy', { trustPolicy: trustPolicy(trust) });
  await call('DELETE', '/users/gatehouse/policies/everything');
  for (const name of policies)
    await call('PUT', `/users/gatehouse/policies/${encodeURIComponent(name)}`, identityPolicy(name));
  const assume = (input: Partial<AssumeRoleCommandInput> = {}, keys?: Keys) =>
    emulator.client(keys).send(new AssumeRoleCommand({ RoleArn: emulator.roleArn, ...named, ...input }));
  return { ...emulator, call, assume };
}

describe.each([
  ['trust in the users', 'users', ['user']],
  ['trust in the account', 'account', ['user']],
  ['the user’s policy beside the self-service one', 'account', ['user', 'self-service']],
])('%s', (_name, trust, policies) => {
  test('lets a call with MFA, tags and a source identity in, with the code or with a session made by it', async () => {
    const { assume, mfa, sessionKeys, state } = await setup(trust, ...policies);
    await expect(assume(mfa())).resolves.toMatchObject({ SourceIdentity: 'ada' });
    await expect(assume({}, await sessionKeys(mfa()))).resolves.toMatchObject({ SourceIdentity: 'ada' });
    expect(state.journal.entries.at(-1)).toMatchObject({ tags: { 'gatehouse:run': run }, mfaPresent: true });
  });

  test('refuses keys and sessions without MFA, whatever they say of themselves', async () => {
    const { assume, sessionKeys } = await setup(trust, ...policies);
    for (const keys of [undefined, await sessionKeys()]) {
      expect(await refusal(assume({}, keys))).toMatchObject({ code: 'AccessDenied' });
      expect(await refusal(assume({ Tags: undefined, SourceIdentity: undefined }, keys))).toMatchObject({
        status: 403,
      });
    }
  });

  test('lets the user do nothing else', async () => {
    const emulator = await setup(trust, ...policies);
    expect((await invoke(emulator, await emulator.sessionKeys(emulator.mfa()))).status).toBe(403);
  });
});

test('trust in the account lets nobody in who has no policy, and no session that bears another name', async () => {
  const { assume, mfa } = await setup('account');
  expect((await refusal(assume(mfa()))).message).toContain('because no identity-based policy allows');
  const other = await setup('account', 'user');
  const unnamed = other.assume({ ...other.mfa(), RoleSessionName: 'somebody' });
  expect(await refusal(unnamed)).toMatchObject({ code: 'AccessDenied' });
});

describe('the self-service policy', () => {
  const ada: Principal = { username: 'ada' };
  const withMfa: Principal = { ...ada, tokenIssuedAt: new Date(), mfaPresent: true };
  const may = (action: string, resource: string, who: Principal) =>
    judge([identityPolicy('self-service')], { action, resource: `arn:aws:iam::123456789012:${resource}` }, who);

  test.each([
    ['iam:CreateVirtualMFADevice', 'mfa/ada', 'allowed', 'allowed'],
    ['iam:CreateVirtualMFADevice', 'mfa/ada-second', 'unmentioned', 'unmentioned'],
    ['iam:EnableMFADevice', 'user/ada', 'allowed', 'allowed'],
    ['iam:EnableMFADevice', 'user/grace', 'unmentioned', 'unmentioned'],
    ['iam:CreateAccessKey', 'user/ada', 'unmentioned', 'allowed'],
    ['iam:CreateAccessKey', 'user/grace', 'unmentioned', 'unmentioned'],
    ['iam:DeactivateMFADevice', 'user/ada', 'unmentioned', 'allowed'],
    ['iam:DeleteVirtualMFADevice', 'mfa/ada', 'unmentioned', 'allowed'],
    ['iam:AttachUserPolicy', 'user/ada', 'unmentioned', 'unmentioned'],
  ])('%s of %s is %s without MFA and %s with', (action, resource, without, withOne) => {
    expect([may(action, resource, ada), may(action, resource, withMfa)]).toEqual([without, withOne]);
  });
});

describe('the plan’s session policy', () => {
  const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const key = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret';

  test('fits beside ReadOnlyAccess and the tags, and adds what it names to what reads', async () => {
    const { assume, mfa, state } = await setup('users', 'user');
    const Policy = JSON.stringify(block('session policy', 'plan', identityPolicySchema));
    const answer = await assume({ ...mfa(), Policy, PolicyArns: [{ arn: readOnly }] });
    expect(answer.PackedPolicySize).toBeLessThan(80);
    const session = state.sessions.get(keysOf(answer).accessKeyId);
    const policies: IdentityPolicy[] = session?.kind === 'role' ? session.sessionPolicies : [];
    const may = (action: string, resource: string) => judge(policies, { action, resource }, {});
    expect(may('kms:Decrypt', key)).toBe('allowed');
    expect(may('kms:Decrypt', `${key}0`)).toBe('unmentioned');
    expect(may('kms:Encrypt', key)).toBe('unmentioned');
    expect(may('secretsmanager:GetSecretValue', `${secret}:terraform/db-a1b2c3`)).toBe('allowed');
    expect(may('secretsmanager:GetSecretValue', `${secret}:other/db-a1b2c3`)).toBe('unmentioned');
    expect(may('ec2:DescribeInstances', '*')).toBe('allowed');
    expect(may('lambda:InvokeFunction', '*')).toBe('unmentioned');
  });
});

test('the denial of older sessions ends those of the role that are older than its time, and no others', async () => {
  const emulator = await setup('users', 'user');
  const { call, assume, mfa, sessionKeys, time } = emulator;
  const denial = identityPolicy('older sessions');
  const [before] = [denial.Statement]
    .flat()
    .map(({ Condition }) => Condition?.['DateLessThan']?.['aws:TokenIssueTime']);
  const at = Date.parse(String(before));
  time.aheadMs = at - 2_000 - Date.now();
  const older = keysOf(await assume(mfa()));
  expect((await invoke(emulator, older)).status).toBe(200);
  await call('PUT', '/roles/gatehouse-deploy/policies/DenyOlderSessions', denial);
  expect(await invoke(emulator, older)).toMatchObject({
    status: 403,
    body: { Message: expect.stringContaining('with an explicit deny in an identity-based policy') },
  });
  time.aheadMs = at + 1_000 - Date.now();
  const newer = keysOf(await assume(mfa()));
  expect((await invoke(emulator, newer)).status).toBe(200);
  // On the user it takes sessions of GetSessionToken, and leaves the long-lived keys alone.
  time.aheadMs = at - 2_000 - Date.now();
  const ofUser = await sessionKeys(mfa());
  await call('PUT', '/users/gatehouse/policies/DenyOlderSessions', denial);
  expect(await refusal(assume({}, ofUser))).toMatchObject({
    message: expect.stringContaining('with an explicit deny in an identity-based policy'),
  });
  await expect(assume(mfa())).resolves.toBeDefined();
});

describe('the events of CloudTrail', () => {
  const loose = z.record(z.string(), z.any());
  const event = (name: string) => block('CloudTrail event', name, loose);

  test('name the calls that Gatehouse makes, and lead from one to the next', () => {
    const [session, role, use] = [event('session'), event('role'), event('use')];
    expect([session['eventName'], role['eventName']]).toEqual(['GetSessionToken', 'AssumeRole']);
    expect(use['userIdentity'].accessKeyId).toBe(role['responseElements'].credentials.accessKeyId);
    expect(use['userIdentity'].arn).toBe(role['responseElements'].assumedRoleUser.arn);
    expect(use['userIdentity'].sessionContext.sourceIdentity).toBe(role['requestParameters'].sourceIdentity);
    expect(page).toContain(`AttributeValue=${use['userIdentity'].accessKeyId}`);
  });

  test('say of the role’s session what the emulator’s journal says of the same call', async () => {
    const { assume, mfa, state, roleArn } = await setup('users', 'user');
    const { requestParameters: said, responseElements } = event('role');
    const answer = await assume({ ...mfa(), PolicyArns: said.policyArns, DurationSeconds: said.durationSeconds });
    expect(state.journal.entries.at(-1)).toMatchObject({
      roleArn,
      roleSessionName: said.roleSessionName,
      sourceIdentity: said.sourceIdentity,
      durationSeconds: said.durationSeconds,
      policyArns: said.policyArns.map(({ arn }: { arn: string }) => arn),
      tags: Object.fromEntries(said.tags.map(({ key, value }: { key: string; value: string }) => [key, value])),
    });
    expect(answer.AssumedRoleUser?.Arn).toBe(responseElements.assumedRoleUser.arn);
  });
});
