import { ApiError } from '@gatehouse/dev/api-client';
import { authenticateRun, type Run, readOutputs, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

// The whole way of a run on real processes: Redis, SQLite, emulator, api, worker, sandbox, terraform.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

const status = async (run: Run) => (await readRun(gatehouse.api, run.id)).attributes['gatehouse-status'];
const confirm = (run: Run) => gatehouse.api.call('POST', `/api/v2/runs/${run.id}/actions/apply`, {});

async function refusal(run: Run, code: string): Promise<{ status: number; codes: readonly string[] }> {
  const error: unknown = await authenticateRun(gatehouse.api, run.id, code).catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error(`The code was not refused: ${String(error)}`);
  return { status: error.status, codes: error.codes };
}

describe('plans_and_applies', () => {
  test('plan and apply each wait for a code of their own, and then the run is applied', async () => {
    const { api, queueRun, workspace, authenticate, log, stsCalls } = gatehouse;
    const id = await workspace('both', { 'mfa-level': 'plans_and_applies' });
    const run = await queueRun(id, smallConfiguration);
    const callsBefore = (await stsCalls()).length;
    const waiting = await waitForRun(api, run.id, ['awaiting_mfa']);
    expect(waiting.attributes).toMatchObject({ status: 'plan_queued', mfa: { phase: 'plan' } });
    expect((await stsCalls()).length).toBe(callsBefore);

    await authenticate(run);
    await waitForRun(api, run.id, ['planned']);
    const plan = await log(run, 'plan');
    expect(plan).toContain('Authenticated with MFA by `demo`');
    expect(plan).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');

    await authenticate(run);
    await waitForRun(api, run.id, ['applied']);
    const apply = await log(run, 'apply');
    expect(apply).toContain('Authenticated with MFA by `demo`');
    expect(apply).toContain('Apply complete! Resources: 2 added, 0 changed, 0 destroyed.');
    expect(await readOutputs(api, id)).toEqual({ result: 'first', workspace: 'both' });
    const exchanges = (await stsCalls('GetSessionToken')).slice(-2);
    expect(exchanges.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  });

  test('a confirmation without a code asks for one, and starts nothing', async () => {
    const { api, queueRun, workspace, authenticate } = gatehouse;
    const id = await workspace('confirmed', { 'mfa-level': 'plans_and_applies' });
    const run = await queueRun(id, smallConfiguration);
    await authenticate(run);
    await waitForRun(api, run.id, ['planned']);
    await confirm(run);
    const waiting = await waitForRun(api, run.id, ['awaiting_mfa']);
    expect(waiting.attributes).toMatchObject({ status: 'apply_queued', mfa: { phase: 'apply' } });
    await authenticate(run);
    await waitForRun(api, run.id, ['applied']);
  });

  test('refused codes leave the run waiting, each is told for what it was, and the next right one works', async () => {
    const { api, queueRun, workspace, authenticate, wrongCode, usedCode, stsCalls } = gatehouse;
    const id = await workspace('refused', { 'mfa-level': 'plans_and_applies' });
    const run = await queueRun(id, smallConfiguration, { 'plan-only': true });
    const callsBefore = (await stsCalls()).length;
    for (const malformed of ['12345', '12345678901', 'abcdef', '']) {
      expect(await refusal(run, malformed)).toEqual({ status: 422, codes: ['mfa_code_invalid_format'] });
    }
    // What cannot be a code does not reach AWS.
    expect((await stsCalls()).length).toBe(callsBefore);

    expect(await refusal(run, await wrongCode())).toEqual({ status: 422, codes: ['mfa_rejected'] });
    expect(await status(run)).toBe('awaiting_mfa');
    expect((await readRun(api, run.id)).attributes.mfa).toMatchObject({ 'last-error': expect.anything() });

    expect((await refusal(run, await usedCode())).codes[0]).toMatch(/^mfa_(code_already_used|rejected)$/);
    expect(await status(run)).toBe('awaiting_mfa');

    await authenticate(run);
    await waitForRun(api, run.id, ['planned_and_finished']);
    expect(await refusal(run, '123456')).toMatchObject({ status: 409 });
  });

  test('one code releases several runs of the same device with one call to STS', async () => {
    const { api, stack, queueRun, workspace, freshCode, stsCalls } = gatehouse;
    const runs: Run[] = [];
    for (const name of ['batch-1', 'batch-2', 'batch-3']) {
      const id = await workspace(name, { 'mfa-level': 'plans_and_applies' });
      runs.push(await queueRun(id, smallConfiguration, { 'plan-only': true }));
    }
    const before = (await stsCalls('GetSessionToken')).length;
    await api.call('POST', `/api/v2/organizations/${stack.dev.organization}/actions/authenticate`, {
      'token-code': await freshCode(),
      'run-ids': runs.map((run) => run.id),
    });
    for (const run of runs) await waitForRun(api, run.id, ['planned_and_finished']);
    expect((await stsCalls('GetSessionToken')).length).toBe(before + 1);
  });
});

describe('applies_only', () => {
  test('the plan needs no code; a code on the planned run is the confirmation', async () => {
    const { api, queueRun, workspace, authenticate, log } = gatehouse;
    const id = await workspace('applies', { 'mfa-level': 'applies_only', 'auto-apply': true });
    const run = await queueRun(id, smallConfiguration);
    // Auto-apply does not go round the code: it only leads to the wait for it.
    await waitForRun(api, run.id, ['planned', 'awaiting_mfa']);
    expect(await log(run, 'plan')).not.toContain('Authenticated with MFA');
    await authenticate(run);
    await waitForRun(api, run.id, ['applied']);
    expect(await log(run, 'apply')).toContain('Authenticated with MFA by `demo`');
  });
});

describe('never', () => {
  test('no code is asked for at all', async () => {
    const { api, queueRun, workspace, log } = gatehouse;
    const id = await workspace('open', { 'mfa-level': 'never' });
    const run = await queueRun(id, smallConfiguration);
    await waitForRun(api, run.id, ['planned']);
    expect(await refusal(run, '123456')).toMatchObject({ status: 409 });
    await confirm(run);
    await waitForRun(api, run.id, ['applied']);
    expect(await log(run, 'apply')).not.toContain('Authenticated with MFA');
  });

  test('a new level binds the next run, not the one that is queued (M4)', async () => {
    const { api, queueRun, workspace, authenticate } = gatehouse;
    const id = await workspace('changing', { 'mfa-level': 'never' });
    const first = await queueRun(id, smallConfiguration);
    await api.call('PATCH', `/api/v2/workspaces/${id}`, {
      data: { type: 'workspaces', attributes: { 'mfa-level': 'plans_and_applies' } },
    });
    const second = await queueRun(id, smallConfiguration);
    await waitForRun(api, first.id, ['planned']);
    expect(await status(second)).toBe('pending');
    await confirm(first);
    await waitForRun(api, first.id, ['applied']);
    await waitForRun(api, second.id, ['awaiting_mfa']);
    await authenticate(second);
    // The first run has made everything already.
    await waitForRun(api, second.id, ['planned_and_finished']);
  });
});
