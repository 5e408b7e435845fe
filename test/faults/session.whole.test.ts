import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApiError, resourcesOf } from '@gatehouse/dev/api-client';
import { authenticateRun, type Run, readRun, waitForRun } from '@gatehouse/dev/run-client';
import { sessionKey } from '@gatehouse/shared/jobs';
import { connectRedis } from '@gatehouse/shared/redis';
import { beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { awaitExtension, confirmWithShortSession } from '../e2e/short-sessions.ts';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// Sessions that end, are revoked, are lost or are asked for without end while terraform applies.

const sessionSeconds = 20;
const marginSeconds = 4;
const longestEndMs = 90_000;
const asks = 2_000;
/** Where the plan has ended, whether the run applies by itself or not. */
const waitsForCode = ['planned', 'awaiting_mfa'];

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld({
    workerEnvironment: {
      GATEHOUSE_SESSION_MARGIN_SECONDS: String(marginSeconds),
      GATEHOUSE_CANCEL_GRACE_SECONDS: '30',
    },
  });
}, 120_000);

/** An apply that stands at its effect until it is released, with a short session. */
async function standing(name: string): Promise<FaultRun> {
  world.effects.hold(`/${name}/apply`);
  const run = await world.queue(name, { level: 'applies_only' });
  await waitForRun(world.api, run.id, waitsForCode, longestEndMs);
  await confirmWithShortSession(world, run, sessionSeconds);
  await world.effects.reached(`/${name}/apply`);
  return run;
}

const sessionOf = z.object({ session: z.object({ 'stops-at': z.coerce.date(), 'expires-at': z.coerce.date() }) });

async function hoursOf(run: Run): Promise<{ stopsAt: number; expiresAt: number }> {
  const { session } = sessionOf.parse((await readRun(world.api, run.id)).attributes);
  return { stopsAt: session['stops-at'].getTime(), expiresAt: session['expires-at'].getTime() };
}

/** The first resource was made and stands in the state; the next run of the workspace comes to its plan. */
async function holdsOf(run: FaultRun, said: RegExp): Promise<void> {
  const log = await world.log(run, 'apply');
  expect(log).toMatch(said);
  expect(log).not.toContain('terraform is killed');
  expect(await resourcesIn(world, run.workspaceId)).toContain('first');
  expect(world.effects.count(`/${run.name}/apply`)).toBe(1);
  const next = await world.queueRun(run.workspaceId, { 'main.tf': '' }, { 'plan-only': true });
  await waitForRun(world.api, next.id, ['planned_and_finished'], longestEndMs);
}

row(
  {
    area: 'Sessions',
    harm: 'the session ends and nobody gives a code',
    when: 'apply, in the middle of a resource',
    holds:
      'terraform is asked to stop before the session ends and is not killed; the state is saved; the run ends as `session_expired` and says what is left; the workspace is free',
    timeoutMs: longestEndMs * 2,
  },
  async () => {
    const run = await standing('expires');
    const { expiresAt } = await hoursOf(run);
    await world.logUntil(run, 'apply', /the AWS session ends; terraform is asked to stop/);
    expect(Date.now()).toBeLessThan(expiresAt);
    const ended = await waitForRun(world.api, run.id, ['errored'], longestEndMs);
    expect(ended.attributes['end-reason']).toBe('session_expired');
    expect(ended.attributes['end-message']).toMatch(/1 of 2 changes was applied; left: terraform_data\.second/);
    await holdsOf(run, /apply failed \(session_expired\)/);
  },
);

row(
  {
    area: 'Sessions',
    harm: 'the code that extends the session comes in its last seconds',
    when: 'apply, in the middle of a resource',
    holds: 'terraform is not asked to stop, and the run is applied',
    timeoutMs: longestEndMs * 2,
  },
  async () => {
    const run = await standing('last-second');
    await awaitExtension(world, run);
    const { stopsAt } = await hoursOf(run);
    const code = await world.freshCode();
    await until(stopsAt - 2_000);
    await authenticateRun(world.api, run.id, code);
    await world.logUntil(run, 'apply', /AWS session ASIA[\s\S]*AWS session ASIA/);
    await until(stopsAt + 1_000);
    world.effects.release('/last-second/apply');
    await waitForRun(world.api, run.id, ['applied'], longestEndMs);
    expect(await world.log(run, 'apply')).not.toContain('the AWS session ends; terraform');
  },
);

row(
  {
    area: 'Sessions',
    harm: 'an owner revokes the session',
    when: 'apply, in the middle of a resource',
    holds:
      'terraform is asked to stop and is not killed; the state is saved; the run ends as `session_revoked`; no code brings it back; the workspace is free',
    timeoutMs: longestEndMs * 2,
  },
  async () => {
    const run = await standing('revoked');
    await awaitExtension(world, run);
    await world.api.call('POST', `/api/v2/runs/${run.id}/actions/revoke-session`, { comment: 'a laptop was stolen' });
    const late = await authenticateRun(world.api, run.id, await world.freshCode()).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(ApiError);
    const ended = await waitForRun(world.api, run.id, ['errored'], longestEndMs);
    expect(ended.attributes['end-reason']).toBe('session_revoked');
    await holdsOf(run, /apply failed \(session_revoked\)/);
  },
);

row(
  {
    area: 'Sessions',
    harm: 'Redis loses the sealed session',
    when: 'between code and apply',
    holds:
      'nothing of the apply runs; the run ends as `session_lost` and says to queue it again; the workspace is free',
    timeoutMs: longestEndMs * 2,
  },
  async () => {
    const { api, stack } = world;
    const run = await world.queue('lost', { level: 'applies_only' });
    await waitForRun(api, run.id, waitsForCode, longestEndMs);
    const workers = resourcesOf(await api.call('GET', '/api/v2/workers'), z.looseObject({ state: z.string() }));
    const worker = `/api/v2/workers/${workers[0]?.id}/actions`;
    await api.call('POST', `${worker}/drain`);
    await drained();
    // Codes have a lane of their own.
    await world.authenticate(run);
    const redis = connectRedis(stack.dev.redisUrl, { name: 'loses-sessions', onError: () => undefined });
    expect(await redis.del(sessionKey(run.id, 'apply'))).toBe(1);
    redis.disconnect();
    await api.call('POST', `${worker}/resume`);
    const ended = await waitForRun(api, run.id, ['errored'], longestEndMs);
    expect(ended.attributes['end-reason']).toBe('session_lost');
    expect(ended.attributes['end-message']).toMatch(/Queue the run again and enter a new code/);
    expect(world.effects.count('/lost/apply')).toBe(0);
    const next = await world.queueRun(run.workspaceId, { 'main.tf': '' }, { 'plan-only': true });
    await waitForRun(api, next.id, ['planned_and_finished'], longestEndMs);
  },
);

row(
  {
    area: 'Sessions',
    harm: 'the credential endpoint is asked thousands of times, many at once, from inside',
    when: 'apply',
    holds: 'each is answered with the session, and a neighbour is applied meanwhile',
    timeoutMs: longestEndMs * 2,
  },
  async () => {
    const { api } = world;
    const workspaceId = await world.workspace('asks', { 'mfa-level': 'applies_only', 'auto-apply': true });
    const run = await world.queueRun(workspaceId, { 'main.tf': asking });
    await waitForRun(api, run.id, waitsForCode, longestEndMs);
    const neighbour = await world.queue('beside-asks');
    await world.authenticate(run);
    await waitForRun(api, neighbour.id, ['applied'], longestEndMs);
    await waitForRun(api, run.id, ['applied'], longestEndMs);
    expect(await world.log(run, 'apply')).toMatch(new RegExp(`answered ${asks} of ${asks}`));
  },
);

const asking = `
resource "terraform_data" "asks" {
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command = <<-EOT
      header="Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN"
      [ -n "$AWS_CONTAINER_AUTHORIZATION_TOKEN" ] || header="Authorization: $(cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")"
      export header
      count=$(seq ${asks} | xargs -P 24 -n 20 bash -c 'for n in "$@"; do curl -s --noproxy "*" -o /dev/null -w "%%{http_code}\\n" -H "$header" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"; done' bash | grep -c 200)
      echo "answered $count of ${asks}"
    EOT
  }
}
`;

/** The worker has heard that it takes no new phase: it says so in its log. */
async function drained(): Promise<void> {
  const file = path.join(world.stack.logFolder, 'worker.log');
  while (!(await readFile(file, 'utf8')).includes('told to take no new phase')) await until(Date.now() + 100);
}

function until(atMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())));
}

tallyRows('sessions end, are revoked and are lost', () => world);
