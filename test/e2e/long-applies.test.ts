import { ApiError, resourceOf, resourcesOf } from '@gatehouse/dev/api-client';
import { authenticateRun, type Run, readOutputs, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { awaitExtension, confirmWithShortSession } from './short-sessions.ts';
import { type Gatehouse, startGatehouse } from './stack.ts';

// Applies that take longer than their AWS session, on real processes and in the sandbox.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({ workerEnvironment: { GATEHOUSE_SESSION_MARGIN_SECONDS: '3' } });
});
afterAll(() => gatehouse.stop());

/** Two resources after one another; the second one is not begun before the session's first end. */
const slow = (seconds: number) => ({
  'main.tf': `
resource "terraform_data" "first" {
  input = "first"
  provisioner "local-exec" { command = "sleep ${seconds}" }
}
resource "terraform_data" "second" { input = terraform_data.first.output }
output "result" { value = terraform_data.second.output }
`,
});

async function plannedRun(name: string, seconds: number): Promise<{ id: string; run: Run }> {
  const id = await gatehouse.workspace(name, { 'mfa-level': 'applies_only' });
  const run = await gatehouse.queueRun(id, slow(seconds));
  await waitForRun(gatehouse.api, run.id, ['planned']);
  return { id, run };
}

/** The runs that wait for the one who asks. */
const waits = async () =>
  resourcesOf(await gatehouse.api.call('GET', '/api/v2/mfa-challenges'), z.looseObject({ 'run-id': z.string() })).map(
    ({ attributes }) => attributes['run-id'],
  );

describe('an apply that takes longer than its session', () => {
  test('goes on with one more code, and finishes', async () => {
    const { api, log, logUntil, wrongCode, authenticate, stsCalls } = gatehouse;
    const { id, run } = await plannedRun('extended', 22);
    await confirmWithShortSession(gatehouse, run, 16);
    const asked = await awaitExtension(gatehouse, run);
    expect(asked.attributes).toMatchObject({
      status: 'applying',
      mfa: { purpose: 'extend', phase: 'apply', state: 'awaiting' },
      session: { phase: 'apply', 'is-extendable': true, 'revoked-at': null },
    });
    expect(await waits()).toContain(run.id);
    await logUntil(run, 'apply', /The AWS session of this apply ends at/);

    const refused: unknown = await authenticateRun(api, run.id, await wrongCode()).catch((error: unknown) => error);
    if (!(refused instanceof ApiError)) throw new Error('The wrong code was taken.');
    expect(refused.codes).toEqual(['mfa_rejected']);
    expect((await readRun(api, run.id)).attributes).toMatchObject({ status: 'applying', mfa: { purpose: 'extend' } });

    const before = (await stsCalls('GetSessionToken')).length;
    await authenticate(run);
    expect(await waits()).not.toContain(run.id);
    await waitForRun(api, run.id, ['applied'], 90_000);
    expect((await stsCalls('GetSessionToken')).slice(before).map(({ outcome }) => outcome)).toEqual(['ok']);
    expect(await readOutputs(api, id)).toEqual({ result: 'first' });

    const text = await log(run, 'apply');
    expect(text.match(/Authenticated with MFA by `demo`/g)).toHaveLength(2);
    expect(text).toContain('Code of `demo` refused');
    expect(text).toContain('Apply complete! Resources: 2 added');
    // An extension is no change of status.
    const history = resourcesOf(await api.call('GET', `/api/v2/runs/${run.id}/run-events`), z.looseObject({}));
    expect(
      history.map(({ attributes }) => attributes['action']).filter((action) => action === 'applyStarted'),
    ).toHaveLength(1);
  });

  test('ends gracefully without one: the state is saved, and the run says why and what is left', async () => {
    const { api, log, workspace } = gatehouse;
    const { id, run } = await plannedRun('expired', 40);
    await confirmWithShortSession(gatehouse, run, 12);
    await awaitExtension(gatehouse, run);
    const ended = await waitForRun(api, run.id, ['errored'], 90_000);
    expect(ended.attributes['end-reason']).toBe('session_expired');
    const text = await log(run, 'apply');
    expect(text).toMatch(/the AWS session ends; terraform is asked to stop/);
    expect(text).toContain('apply failed (session_expired)');
    // What was in flight ended, what was not begun did not begin; the state knows the first.
    const state = resourceOf(
      await api.call('GET', `/api/v2/workspaces/${id}/current-state-version`),
      z.looseObject({ resources: z.array(z.looseObject({ name: z.string() })) }),
    );
    expect(state.attributes.resources.map(({ name }) => name)).not.toContain('second');
    expect(await waits()).not.toContain(run.id);
    const late: unknown = await authenticateRun(api, run.id, await gatehouse.freshCode()).catch(
      (error: unknown) => error,
    );
    expect(late).toMatchObject({ status: 409 });
    // Nothing holds the workspace.
    expect(resourceOf(await api.call('GET', `/api/v2/workspaces/${id}`), z.looseObject({})).attributes['locked']).toBe(
      false,
    );
    expect(workspace).toBeDefined();
  });

  test('ends when an owner revokes its session', async () => {
    const { api, authenticate, log } = gatehouse;
    const { run } = await plannedRun('revoked', 60);
    await authenticate(run);
    await waitForRun(api, run.id, ['applying']);
    await gatehouse.logUntil(run, 'apply', /AWS session ASIA/);
    await api.call('POST', `/api/v2/runs/${run.id}/actions/revoke-session`, { comment: 'a laptop was stolen' });
    const ended = await waitForRun(api, run.id, ['errored'], 90_000);
    expect(ended.attributes).toMatchObject({
      'end-reason': 'session_revoked',
      session: { 'revoked-by': 'demo', revocation: { kind: 'user', policy: { Version: '2012-10-17' } } },
    });
    expect(await log(run, 'apply')).toContain('apply failed (session_revoked)');
  });
});
