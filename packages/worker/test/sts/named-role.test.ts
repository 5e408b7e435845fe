import { inspect } from 'node:util';
import { Secret } from '@gatehouse/shared/secret';
import type { RoleTrust, SessionRequest } from '@gatehouse/shared/worker-api';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exchangeCode } from '../../src/sts/exchange-code.ts';
import { sessionWithoutCode } from '../../src/sts/session-without-code.ts';
import { type Emulator, startEmulator } from '../surroundings/emulator.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(() => fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' }));
afterAll(() => emulator.close());

type Call = {
  action: string;
  outcome: string;
  serial: string | null;
  durationSeconds: number;
  sourceIdentity: string | null;
  tags: Record<string, string> | null;
  policyArns: string[] | null;
  policy: string | null;
};

const tags = [
  { key: 'gatehouse:user', value: 'mia' },
  { key: 'gatehouse:run', value: 'run-1' },
];
const allowed = ['sts:TagSession', 'sts:SetSourceIdentity'];
const both = { tags: true, sourceIdentity: true };

let roles = 0;
/** A role of its own, whose trust policy lets these actions be taken beside sts:AssumeRole. */
async function role(actions: readonly string[], more: { mfa?: boolean; maxSeconds?: number; extra?: object } = {}) {
  const name = `role-${++roles}`;
  const principal = { AWS: 'arn:aws:iam::123456789012:user/gatehouse' };
  const condition = more.mfa === false ? {} : { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
  const statement = { Effect: 'Allow', Principal: principal, Action: ['sts:AssumeRole', ...actions], ...condition };
  await fetch(`${emulator.url}/_emulator/roles`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name,
      maxSessionDurationSeconds: more.maxSeconds ?? 43_200,
      trustPolicy: { Version: '2012-10-17', Statement: [statement, ...(more.extra ? [more.extra] : [])] },
    }),
  });
  return `arn:aws:iam::123456789012:role/${name}`;
}

const wish = (roleArn: string, more: Partial<SessionRequest> = {}): SessionRequest => ({
  runId: 'run-1',
  phase: 'plan',
  durationSeconds: 900,
  sessionName: 'mia-run-1',
  sourceIdentity: 'mia',
  tags,
  roleArn,
  ...more,
});

/** What came of it, and which calls AWS saw for it. */
async function exchange(...wishes: SessionRequest[]) {
  await fetch(`${emulator.url}/_emulator/journal`, { method: 'DELETE' });
  const code = await emulator.freshCode();
  const mfa = { serial: emulator.mfaSerial, code: new Secret(code) };
  const answers = await exchangeCode(emulator.sts, emulator.identity, mfa, wishes);
  expect(inspect(answers, { depth: 9 })).not.toContain(emulator.secretAccessKey);
  const calls = await journal();
  expect(calls.filter(({ serial }) => serial !== null).length, 'calls that bore the code').toBeLessThanOrEqual(1);
  return { answers, calls };
}

async function journal(): Promise<Call[]> {
  const response = await fetch(`${emulator.url}/_emulator/journal`);
  // The emulator's own answer, as its journal documents it.
  return ((await response.json()) as { calls: Call[] }).calls;
}

const said = (call: Call | undefined): RoleTrust => ({
  tags: Object.keys(call?.tags ?? {}).length > 0,
  sourceIdentity: typeof call?.sourceIdentity === 'string',
});
const actions = (calls: readonly Call[]) => calls.map(({ action }) => action);
const trustOf = (answer: object | undefined) => (answer && 'trust' in answer ? answer.trust : undefined);

describe('a code and one role', () => {
  test('that is known to allow tags and source identity: one call, with both', async () => {
    const { answers, calls } = await exchange(wish(await role(allowed), { trust: both, durationSeconds: 7200 }));
    expect(actions(calls)).toEqual(['AssumeRole']);
    expect(calls[0]).toMatchObject({
      outcome: 'ok',
      serial: emulator.mfaSerial,
      durationSeconds: 7200,
      sourceIdentity: 'mia',
      tags: { 'gatehouse:user': 'mia', 'gatehouse:run': 'run-1' },
    });
    expect(trustOf(answers[0])).toEqual({ ...both, accessKeyId: emulator.accessKeyId });
  });

  test.each([
    ['all of it', allowed, both, 1],
    ['tags alone', ['sts:TagSession'], { tags: true, sourceIdentity: false }, 2],
    ['a source identity alone', ['sts:SetSourceIdentity'], { tags: false, sourceIdentity: true }, 2],
    ['nothing of it', [], { tags: false, sourceIdentity: false }, 3],
  ] as const)('of which nothing is known, and which allows %s', async (_words, trusted, trust, most) => {
    const { answers, calls } = await exchange(wish(await role(trusted)));
    expect(calls[0]).toMatchObject({ action: 'GetSessionToken', serial: emulator.mfaSerial, durationSeconds: 900 });
    const assumed = calls.slice(1);
    expect(new Set(actions(assumed))).toEqual(new Set(['AssumeRole']));
    expect(assumed.length).toBeLessThanOrEqual(most);
    expect(assumed.at(-1)).toMatchObject({ outcome: 'ok' });
    expect(said(assumed.at(-1))).toEqual(trust);
    expect(answers[0]).toHaveProperty('session');
    expect(trustOf(answers[0])).toEqual({ ...trust, accessKeyId: emulator.accessKeyId });
  });

  test('that was seen to lack something is asked again for all of it, which costs no code', async () => {
    const known = { tags: false, sourceIdentity: false };
    const { answers, calls } = await exchange(wish(await role(allowed), { trust: known }));
    expect(actions(calls)).toEqual(['GetSessionToken', 'AssumeRole']);
    expect(trustOf(answers[0])).toMatchObject(both);
  });

  test('for longer than an hour: one call, with what is known to be allowed and no more', async () => {
    const long = { durationSeconds: 7200 };
    const unknown = await exchange(wish(await role([]), long));
    expect(actions(unknown.calls)).toEqual(['AssumeRole']);
    expect(unknown.calls[0]).toMatchObject({ outcome: 'ok', durationSeconds: 7200, serial: emulator.mfaSerial });
    expect(said(unknown.calls[0])).toEqual({ tags: false, sourceIdentity: false });
    expect(trustOf(unknown.answers[0])).toBeUndefined();

    const trust = { tags: true, sourceIdentity: false };
    const partly = await exchange(wish(await role(['sts:TagSession']), { ...long, trust }));
    expect(actions(partly.calls)).toEqual(['AssumeRole']);
    expect(said(partly.calls[0])).toEqual(trust);
    expect(partly.answers[0]).toHaveProperty('session');
  });

  test('whose trust was changed since: the code is spent by the one refusal, and not sent again', async () => {
    const { answers, calls } = await exchange(wish(await role([]), { trust: both }));
    expect(answers).toMatchObject([{ rejection: 'sts_denied', awsMessage: expect.stringMatching(/sts:\w+/) }]);
    expect(actions(calls)).toEqual(['AssumeRole']);
  });

  test('that trusts nobody is given up after four calls', async () => {
    const { answers, calls } = await exchange(wish('arn:aws:iam::123456789012:role/nobody'));
    expect(answers).toMatchObject([{ rejection: 'sts_denied' }]);
    expect(actions(calls).filter((action) => action === 'AssumeRole').length).toBeLessThanOrEqual(4);
  });

  test('that denies without a reason what it is not to hear gets a session all the same', async () => {
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:SourceIdentity': 'mia' } },
    };
    const { answers, calls } = await exchange(wish(await role(allowed, { extra: deny })));
    expect(trustOf(answers[0])).toMatchObject({ tags: true, sourceIdentity: false });
    expect(calls).toHaveLength(3);
  });

  test('takes the policies of a plan, inline and managed', async () => {
    const policyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
    const sessionPolicy = '{"Version":"2012-10-17","Statement":[]}';
    const { calls } = await exchange(wish(await role(allowed), { policyArns, sessionPolicy, trust: both }));
    expect(calls.at(-1)).toMatchObject({ outcome: 'ok', policyArns, policy: sessionPolicy });
    expect(said(calls.at(-1))).toEqual(both);
  });

  test('a wrong code is one call and no more', async () => {
    await fetch(`${emulator.url}/_emulator/journal`, { method: 'DELETE' });
    const mfa = { serial: emulator.mfaSerial, code: new Secret(await emulator.wrongCode()) };
    const answers = await exchangeCode(emulator.sts, emulator.identity, mfa, [wish(await role([]))]);
    expect(answers).toMatchObject([{ rejection: 'mfa_rejected' }]);
    expect(actions(await journal())).toEqual(['GetSessionToken']);
  });

  test('is waited for no longer than all calls together may take', async () => {
    const mfa = { serial: emulator.mfaSerial, code: new Secret(await emulator.freshCode()) };
    const asked = wish(await role([]));
    await emulator.fault({ kind: 'delay', action: 'AssumeRole', ms: 5_000, times: 4 });
    const bounded = { ...emulator.sts, until: AbortSignal.timeout(500) };
    const startedAt = performance.now();
    expect(await exchangeCode(bounded, emulator.identity, mfa, [asked])).toMatchObject([
      { rejection: 'sts_unreachable' },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('what AWS does not give', () => {
  test('a session longer than the role allows', async () => {
    const asked = wish(await role([], { maxSeconds: 7200 }), { durationSeconds: 14_400 });
    const { answers } = await exchange(asked);
    expect(answers).toMatchObject([
      { rejection: 'session_too_long', awsMessage: expect.stringContaining('MaxSessionDuration') },
    ]);
  });

  test('a session with a policy that is no policy', async () => {
    const { answers } = await exchange(wish(await role(allowed), { sessionPolicy: 'not a policy' }));
    expect(answers).toMatchObject([{ rejection: 'session_policy_refused' }]);
  });
});

test('a managed policy that does not exist is told as such', async () => {
  const policyArns = ['arn:aws:iam::123456789012:policy/nobody-made-it'];
  const { answers } = await exchange(wish(await role(allowed), { policyArns }));
  expect(answers).toMatchObject([{ rejection: 'session_policy_refused' }]);
});

describe('a plan whose policy fills its session', () => {
  const large = (resources: number) => {
    const named = Array.from({ length: resources }, (_, index) => `arn:aws:s3:::bucket-of-the-team-${index}`);
    const statement = { Effect: 'Allow', Action: 's3:*', Resource: named };
    return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  };

  test('has room for no tags: they are left out, and nothing is learnt of the role', async () => {
    const { answers, calls } = await exchange(wish(await role(allowed), { sessionPolicy: large(28), trust: both }));
    expect(answers[0]).toHaveProperty('session');
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'PackedPolicyTooLarge', 'ok']);
    expect(said(calls.at(-1))).toEqual({ tags: false, sourceIdentity: true });
    expect(trustOf(answers[0])).toBeUndefined();
  });

  test('is asked for without tags at once where the code goes with it', async () => {
    const long = { sessionPolicy: large(28), trust: both, durationSeconds: 7200 };
    const { answers, calls } = await exchange(wish(await role(allowed), long));
    expect(answers[0]).toHaveProperty('session');
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok']);
    expect(said(calls[0])).toEqual({ tags: false, sourceIdentity: true });
    expect(trustOf(answers[0])).toBeUndefined();
  });

  test('is refused when there is no room for the policy itself', async () => {
    const { answers } = await exchange(wish(await role(allowed), { sessionPolicy: large(45) }));
    expect(answers).toMatchObject([{ rejection: 'session_policy_refused' }]);
  });
});

describe('one code for several runs', () => {
  test('what the first finds out of a role spares the others the refusals', async () => {
    const [strict, open] = [await role([]), await role(allowed)];
    const { answers, calls } = await exchange(wish(strict), wish(strict), wish(strict), wish(open, { trust: both }));
    expect(answers.map(trustOf)).toMatchObject([
      { tags: false, sourceIdentity: false },
      { tags: false, sourceIdentity: false },
      { tags: false, sourceIdentity: false },
      both,
    ]);
    expect(actions(calls).filter((action) => action === 'GetSessionToken')).toHaveLength(1);
    const refused = calls.filter(({ outcome }) => outcome !== 'ok');
    expect(refused.length).toBeLessThanOrEqual(2);
  });
});

describe('without a code', () => {
  const without = (asked: SessionRequest) => sessionWithoutCode(emulator.sts, emulator.identity, asked);

  test('a role is told all that it allows', async () => {
    const open = await without(wish(await role(allowed, { mfa: false })));
    expect(trustOf(open)).toEqual({ ...both, accessKeyId: emulator.accessKeyId });
    const strict = await without(wish(await role([], { mfa: false })));
    expect(strict).toHaveProperty('session');
    expect(trustOf(strict)).toMatchObject({ tags: false, sourceIdentity: false });
  });

  test('a role that wants a code is refused', async () => {
    expect(await without(wish(await role(allowed)))).toMatchObject({ rejection: 'sts_denied' });
  });
});
