import { waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Gatehouse, type StsCall, smallConfiguration, startGatehouse } from './stack.ts';

// What is asked of a role, found out of it, remembered and told, by real processes and the emulator's IAM.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

const roleName = 'strict';
const roleArn = `arn:aws:iam::123456789012:role/${roleName}`;
const userArn = 'arn:aws:iam::123456789012:user/gatehouse';

const awsSession = z.object({
  data: z.object({
    attributes: z.object({
      trust: z.object({ missing: z.array(z.string()), policy: z.record(z.string(), z.unknown()) }).nullable(),
    }),
  }),
});

async function trustOf(workspaceId: string) {
  const answer = await gatehouse.api.call('GET', `/api/v2/workspaces/${workspaceId}/aws-session`);
  return awsSession.parse(answer).data.attributes.trust;
}

/** A plan released by a code, and the calls of AWS that it took. */
async function plan(workspaceId: string): Promise<{ runId: string; calls: StsCall[] }> {
  const before = (await gatehouse.stsCalls()).length;
  const run = await gatehouse.queueRun(workspaceId, smallConfiguration, { 'plan-only': true });
  await gatehouse.authenticate(run);
  await waitForRun(gatehouse.api, run.id, ['planned_and_finished']);
  return { runId: run.id, calls: (await gatehouse.stsCalls()).slice(before) };
}

test('a role is told what it allows, each code is sent once, and the policy to paste makes it whole', async () => {
  const { api, workspace, queueRun, authenticate, stsCalls } = gatehouse;
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: userArn },
    Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  };
  await gatehouse.emulator('POST', '/roles', {
    name: roleName,
    trustPolicy: { Version: '2012-10-17', Statement: [statement] },
  });
  const id = await workspace('role', { 'mfa-level': 'plans_and_applies', 'role-arn': roleArn });
  expect(await trustOf(id)).toBeNull();

  const first = await plan(id);
  expect(first.calls.map(({ action }) => action)).toEqual(['GetSessionToken', 'AssumeRole', 'AssumeRole']);
  expect(first.calls.filter(({ serial }) => serial !== null)).toHaveLength(1);
  expect(first.calls.at(-1)).toMatchObject({
    outcome: 'ok',
    roleSessionName: `demo-${first.runId}`,
    sourceIdentity: 'demo',
    policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  });
  const trust = await trustOf(id);
  expect(trust?.missing).toEqual(['sts:TagSession']);

  // Its one gap: whose keys those are, Gatehouse does not know.
  const pasted = JSON.stringify(trust?.policy).replace(/arn:aws:iam::<account>:user\/<[^>]*>/, userArn);
  await gatehouse.emulator('PATCH', `/roles/${roleName}`, { trustPolicy: JSON.parse(pasted) });
  await plan(id);
  expect((await trustOf(id))?.missing).toEqual([]);

  const known = await plan(id);
  expect(known.calls.map(({ action }) => action)).toEqual(['AssumeRole']);
  expect(known.calls[0]).toMatchObject({
    outcome: 'ok',
    serial: gatehouse.stack.dev.mfaSerial,
    sourceIdentity: 'demo',
    tags: {
      'gatehouse:user': 'demo',
      'gatehouse:run': known.runId,
      'gatehouse:workspace': `${gatehouse.stack.dev.organization}/role`,
    },
  });

  const applied = await queueRun(id, smallConfiguration);
  await authenticate(applied);
  await waitForRun(api, applied.id, ['planned']);
  await authenticate(applied);
  await waitForRun(api, applied.id, ['applied']);
  expect((await stsCalls('AssumeRole')).at(-1)).toMatchObject({ outcome: 'ok', policyArns: [], policy: null });
});
