import { setTimeout as delay } from 'node:timers/promises';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gatehouse, smallConfiguration, startGatehouse } from './stack.ts';

let gatehouse: Gatehouse;
beforeAll(async () => {
  gatehouse = await startGatehouse();
});
afterAll(() => gatehouse.stop());

test('an api that restarts loses neither the waiting run nor the running one, nor a byte of its log', async () => {
  const { api, stack, workspace, queueRun, authenticate, log, logUntil } = gatehouse;
  const waiting = await queueRun(await workspace('waiting', { 'mfa-level': 'plans_and_applies' }), smallConfiguration);
  const counting = {
    'main.tf': `
resource "terraform_data" "count" {
  provisioner "local-exec" {
    command = "for n in $(seq 1 40); do echo line $n; sleep 0.1; done"
  }
}
`,
  };
  const running = await queueRun(await workspace('running', { 'mfa-level': 'applies_only' }), counting);
  await waitForRun(api, running.id, ['planned']);
  await authenticate(running);
  await logUntil(running, 'apply', /line 5\b/);

  // Followed through the restart, as a person's terminal would.
  const followed = log(running, 'apply');
  await stack.restartApi();

  const lines = [...(await followed).matchAll(/: line (\d+)/g)].map((match) => Number(match[1]));
  expect(lines).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  await waitForRun(api, running.id, ['applied']);
  await authenticate(waiting);
  await waitForRun(api, waiting.id, ['planned']);
});

test('a worker that comes late finds the work', async () => {
  const { api, stack, workspace, queueRun } = gatehouse;
  const [worker] = stack.services.workers;
  await worker?.kill();
  const run = await queueRun(await workspace('late', { 'mfa-level': 'never' }), smallConfiguration);
  await delay(500);
  expect((await readRun(api, run.id)).attributes['gatehouse-status']).toBe('plan_queued');
  await stack.addWorker();
  await waitForRun(api, run.id, ['planned']);
});
