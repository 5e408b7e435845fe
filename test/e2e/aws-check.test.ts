import { document, resourceOf } from '@gatehouse/dev/api-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Gatehouse, startGatehouse } from './stack.ts';

// The set-up check on real processes: each planted mistake is found and named, and a right set-up passes.

const account = '123456789012';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const trust = (actions: string[], principal: string, mfa = true) => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:${principal}` },
    Action: actions,
    ...(mfa ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {}),
  },
});
const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
  await gatehouse.emulator('POST', '/users', {
    name: 'somebody',
    mfaDevices: [{ serial: `arn:aws:iam::${account}:mfa/somebody`, secretBase32: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
  });
  const roles = {
    right: trust(all, 'user/gatehouse'),
    'without-mfa': trust(all, 'user/gatehouse', false),
    'of-somebody': trust(all, 'user/somebody'),
    'without-extras': trust(['sts:AssumeRole'], 'user/gatehouse'),
  };
  for (const [name, trustPolicy] of Object.entries(roles))
    await gatehouse.emulator('POST', '/roles', { name, trustPolicy });
});
afterAll(() => gatehouse.stop());

const check = z.looseObject({
  state: z.string(),
  results: z.array(
    z.looseObject({ probe: z.string(), outcome: z.string(), finding: z.string().nullable(), detail: z.string() }),
  ),
});

/** What the check says of an environment with these variables and settings. */
async function checked(
  name: string,
  planted: { variables?: Record<string, string>; attributes?: Record<string, unknown>; tokenCode?: string } = {},
): Promise<z.output<typeof check>> {
  const { api, workspace, setVariable, stack } = gatehouse;
  // Where plans need no code the role is to open without one.
  const id = await workspace(name, { 'mfa-level': 'plans_and_applies', ...planted.attributes });
  for (const [key, value] of Object.entries(planted.variables ?? {})) await setVariable(id, key, value);
  const body = document('aws-checks', {
    identity: 'organization',
    'workspace-id': id,
    ...(planted.tokenCode === undefined ? {} : { 'token-code': planted.tokenCode }),
  });
  const answer = await api.call('POST', `/api/v2/organizations/${stack.dev.organization}/aws-checks`, body);
  return resourceOf(answer, check).attributes;
}

const findings = ({ results }: z.output<typeof check>) => results.flatMap(({ finding }) => finding ?? []);

describe('the set-up check', () => {
  test('passes what is set up right, and touches nothing', async () => {
    const { stsCalls, stack } = gatehouse;
    const found = await checked('right', { attributes: { 'role-arn': role('right') } });
    expect(found.state).toBe('finished');
    expect(findings(found)).toEqual([]);
    expect(found.results.map(({ probe, outcome }) => `${probe} ${outcome}`)).toEqual([
      'variables passed',
      'keys passed',
      'clock passed',
      'device passed',
      'role passed',
    ]);
    // Nothing was issued, and the device's codes are all still good.
    expect((await stsCalls()).filter(({ accessKeyId }) => accessKeyId !== null)).toEqual([]);
    const device = `/devices/${encodeURIComponent(stack.dev.mfaSerial)}`;
    expect(await gatehouse.emulator('GET', device)).toMatchObject({ lastAcceptedStep: null });
  });

  test.each([
    [
      "another account's device",
      { AWS_MFA_SERIAL_NUMBER: 'arn:aws:iam::210987654321:mfa/gatehouse' },
      'serial_unknown',
    ],
    ["another user's device", { AWS_MFA_SERIAL_NUMBER: `arn:aws:iam::${account}:mfa/somebody` }, 'serial_unknown'],
    ['keys of a session', { AWS_SESSION_TOKEN: 'a-token' }, 'keys_are_session'],
    ['a key that is none', { AWS_ACCESS_KEY_ID: 'AKIAABCDEFGHIJKLMNOP' }, 'keys_unknown'],
    [
      'the secret of another key',
      { AWS_SECRET_ACCESS_KEY: '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' },
      'secret_wrong',
    ],
  ] as const)('names %s', async (what, variables, finding) => {
    const found = await checked(what.replaceAll(/\W/g, '-'), { variables });
    expect(findings(found)).toContain(finding);
    const failed = found.results.find((result) => result.finding === finding);
    expect(failed).toMatchObject({ outcome: 'failed', detail: expect.stringMatching(/\w+ \w+/) });
    for (const secret of Object.values(variables).slice(0, 1)) {
      if (finding === 'secret_wrong') expect(JSON.stringify(found)).not.toContain(secret);
    }
  });

  test('names variables that are missing', async () => {
    const { api } = gatehouse;
    await api.call('POST', '/api/v2/organizations', document('organizations', { name: 'empty', email: 'a@b.example' }));
    const body = document('aws-checks', { identity: 'organization' });
    const found = resourceOf(await api.call('POST', '/api/v2/organizations/empty/aws-checks', body), check).attributes;
    expect(findings(found)).toContain('variable_missing');
    expect(JSON.stringify(found)).toContain('AWS_MFA_SERIAL_NUMBER');
  });

  test('names a clock that is off', async () => {
    await gatehouse.emulator('POST', '/faults', { kind: 'wrong_clock', ms: -4 * 60_000 });
    const found = await checked('clock').finally(() => gatehouse.emulator('DELETE', '/faults'));
    expect(findings(found)).toContain('clock_off');
    expect(found.results.find(({ finding }) => finding === 'clock_off')?.detail).toMatch(/2[34]\d s|4 min/);
  });

  test('names a role that opens without MFA, with the policy to paste', async () => {
    const found = await checked('open-role', { attributes: { 'role-arn': role('without-mfa') } });
    expect(findings(found)).toContain('role_without_mfa');
    expect(JSON.stringify(found)).toContain('aws:MultiFactorAuthPresent');
  });

  test('with a code, names a role that does not let us in, and what its trust policy lacks', async () => {
    const { freshCode } = gatehouse;
    const refused = await checked('closed-role', {
      attributes: { 'role-arn': role('of-somebody') },
      tokenCode: await freshCode(),
    });
    expect(findings(refused)).toContain('role_refused');
    const lacking = await checked('plain-role', {
      attributes: { 'role-arn': role('without-extras') },
      tokenCode: await freshCode(),
    });
    expect(findings(lacking)).toEqual(expect.arrayContaining(['trust_lacks_tags', 'trust_lacks_source_identity']));
    const right = await checked('whole-role', {
      attributes: { 'role-arn': role('right') },
      tokenCode: await freshCode(),
    });
    expect(findings(right)).toEqual([]);
  });

  test('names an STS that does not answer', async () => {
    await gatehouse.emulator('POST', '/faults', { kind: 'refuse_connection' });
    const found = await checked('away').finally(() => gatehouse.emulator('DELETE', '/faults'));
    expect(findings(found)).toContain('sts_unreachable');
  });
});
