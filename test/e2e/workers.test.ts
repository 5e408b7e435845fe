import { authenticateRun, type Run, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type Gatehouse, startGatehouse } from './stack.ts';

// Two workers, ten runs, one worker killed in the middle of an apply.

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse({ workers: 2, workerEnvironment: { GATEHOUSE_CONCURRENCY: '5' } });
});
afterAll(() => gatehouse.stop());

/** The second resource comes only after a while, in which the worker can be killed. */
const slowApply = (seconds: number) => ({
  'main.tf': `
resource "terraform_data" "before" { input = "made before the kill" }
resource "terraform_data" "slow" {
  input = terraform_data.before.output
  provisioner "local-exec" { command = "echo begun; sleep ${seconds}; echo over" }
}
`,
});

test('nine are applied, one is lost with what it had made, and none is applied twice', async () => {
  const { api, stack, workspace, queueRun, freshCode, log, logUntil } = gatehouse;
  const runs: { run: Run; workspaceId: string; isVictim: boolean }[] = [];
  for (let number = 1; number <= 10; number++) {
    const isVictim = number === 1;
    const workspaceId = await workspace(`fleet-${number}`, { 'mfa-level': 'applies_only' });
    runs.push({ workspaceId, isVictim, run: await queueRun(workspaceId, slowApply(isVictim ? 30 : 1)) });
  }
  for (const { run } of runs) await waitForRun(api, run.id, ['planned'], 120_000);

  // The victim's apply first, so that the worker that has it is known before the others begin.
  const [victim] = runs.filter(({ isVictim }) => isVictim);
  if (victim === undefined) throw new Error('No victim.');
  await authenticateRun(api, victim.run.id, await freshCode());
  await vi.waitFor(async () => expect(await resourcesIn(victim.workspaceId)).toContain('before'), {
    timeout: 30_000,
    interval: 100,
  });
  const killed = await workerOf(victim.run);
  await killed.kill();
  const killedAt = Date.now();

  const others = runs.filter(({ isVictim }) => !isVictim);
  await api.call('POST', `/api/v2/organizations/${stack.dev.organization}/actions/authenticate`, {
    'token-code': await freshCode(),
    'run-ids': others.map(({ run }) => run.id),
  });
  const ended = await waitForRun(api, victim.run.id, ['errored'], 60_000);
  expect(Date.now() - killedAt).toBeLessThan(60_000);
  expect(ended.attributes['end-reason']).toBe('worker_lost');
  expect(await resourcesIn(victim.workspaceId)).toEqual(['before']);

  for (const { run } of others) await waitForRun(api, run.id, ['applied'], 120_000);
  for (const { run } of others) expect((await log(run, 'apply')).match(/: begun/g), run.id).toHaveLength(1);
  expect((await log(victim.run, 'apply')).match(/: begun/g)).toHaveLength(1);

  async function resourcesIn(workspaceId: string): Promise<string[]> {
    const answer = await api.request('GET', `/api/v2/workspaces/${workspaceId}/current-state-version`);
    if (answer.status === 404) return [];
    const download = z
      .object({ data: z.object({ attributes: z.object({ 'hosted-state-download-url': z.string() }) }) })
      .parse(answer.body).data.attributes['hosted-state-download-url'];
    const response = await fetch(download, { headers: { authorization: `Bearer ${api.token}` } });
    const state = z.object({ resources: z.array(z.object({ name: z.string() })) }).parse(await response.json());
    return state.resources.map(({ name }) => name);
  }

  async function workerOf(run: Run) {
    const head = await logUntil(run, 'apply', /worker ([\w-]+), terraform/);
    const name = /worker ([\w-]+), terraform/.exec(head)?.[1];
    const worker = stack.services.workers.find((service) => service.name === name);
    if (worker === undefined) throw new Error(`The log names no worker of ours: ${head}`);
    return worker;
  }
});
