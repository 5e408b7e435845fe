import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// The check of the AWS set-up, by real processes: mistakes are planted at AWS, found, and mended by what the check says.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

const roleName = 'open';
const userArn = 'arn:aws:iam::123456789012:user/gatehouse';

const checkDocument = z.object({
  data: z.object({
    attributes: z.object({
      state: z.string(),
      results: z.array(
        z.object({
          probe: z.string(),
          outcome: z.string(),
          finding: z.string().nullable(),
          policy: z.record(z.string(), z.unknown()).nullable(),
        }),
      ),
    }),
  }),
});

async function check(attributes: object) {
  const path = `/api/v2/organizations/${gatehouse.stack.dev.organization}/aws-checks`;
  const body = { data: { type: 'aws-checks', attributes: { identity: 'organization', ...attributes } } };
  const { state, results } = checkDocument.parse(await gatehouse.api.call('POST', path, body)).data.attributes;
  expect(state).toBe('finished');
  return { results, findings: results.flatMap(({ finding }) => finding ?? []) };
}

test('a role that opens without MFA is found, and the policy to paste mends it; runs then pass', async () => {
  const open = { Effect: 'Allow', Principal: { AWS: userArn }, Action: 'sts:AssumeRole' };
  await gatehouse.emulator('POST', '/roles', {
    name: roleName,
    trustPolicy: { Version: '2012-10-17', Statement: [open] },
  });
  const role = { 'mfa-level': 'plans_and_applies', 'role-arn': `arn:aws:iam::123456789012:role/${roleName}` };
  const id = await gatehouse.workspace('checked', role);

  const found = await check({ 'workspace-id': id });
  expect(found.findings).toEqual(['role_without_mfa', 'trust_lacks_tags', 'trust_lacks_source_identity']);
  await gatehouse.emulator('PATCH', `/roles/${roleName}`, { trustPolicy: found.results.at(-1)?.policy });
  const mended = await check({ 'workspace-id': id, 'token-code': await gatehouse.freshCode() });
  expect(mended.results.map(({ probe, outcome }) => `${probe} ${outcome}`)).toEqual([
    'variables passed',
    'keys passed',
    'clock passed',
    'device passed',
    'role passed',
  ]);

  // What the check saw of the role is known to the first run already: its code goes into the one call that it needs.
  const before = (await gatehouse.stsCalls()).length;
  const run = await gatehouse.queueRun(id, smallConfiguration, { 'plan-only': true });
  await gatehouse.authenticate(run);
  await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
  expect((await gatehouse.stsCalls()).slice(before).map(({ action }) => action)).toEqual(['AssumeRole']);
});

test('without a code nothing is spent and no session is given; a key that was switched off is named', async () => {
  const device = () => gatehouse.emulator('GET', `/devices/${encodeURIComponent(gatehouse.stack.dev.mfaSerial)}`);
  const before = [await device(), await gatehouse.emulator('GET', '/sessions')];
  expect((await check({})).findings).toEqual([]);
  expect(
    JSON.stringify([await device(), await gatehouse.emulator('GET', '/sessions')]).replace(/"currentStep":\d+/g, ''),
  ).toBe(JSON.stringify(before).replace(/"currentStep":\d+/g, ''));
  const { users } = z
    .object({ users: z.array(z.object({ accessKeys: z.array(z.object({ accessKeyId: z.string() })) })) })
    .parse(await gatehouse.emulator('GET', '/users'));
  const key = `/access-keys/${users[0]?.accessKeys[0]?.accessKeyId}`;
  await gatehouse.emulator('PATCH', key, { active: false });
  const { findings } = await check({});
  await gatehouse.emulator('PATCH', key, { active: true });
  expect(findings).toEqual(['keys_unknown']);
});
