import { createHmac } from 'node:crypto';
import { parseAllowList } from '@gatehouse/shared/address-guard';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type NotificationTrigger, notificationTriggers } from '../../src/domain/notification-events.ts';
import { deliverNotifications } from '../../src/loops/deliver-notifications.ts';
import type { Relay } from '../../src/loops/keyed-relay.ts';
import { raiseExtensions } from '../../src/loops/raise-extensions.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { confirmRun } from '../../src/services/confirm-run.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { createNotification, type NotificationInput, updateNotification } from '../../src/services/set-notification.ts';
import {
  findNotificationConfiguration,
  type NotificationConfiguration,
  responsesOf,
} from '../../src/store/notification-configurations.ts';
import { takeDelivery } from '../../src/store/notification-deliveries.ts';
import { notificationDeliveries } from '../../src/store/schema/notifications.ts';
import type { Workspace } from '../../src/store/workspaces.ts';
import { createWebhooks } from '../../src/webhooks/post-webhook.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { code, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
let receiver: Receiver;
let lane: Relay;
const logged: string[] = [];
const everything: NotificationTrigger[] = [...notificationTriggers];

beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000 });
});
afterAll(() => world.close());
beforeEach(async () => {
  receiver = await startReceiver();
  lane = openLane();
});
afterEach(async () => {
  await lane.close();
  await receiver.close();
  world.database.delete(notificationDeliveries).run();
});

function sending(timeoutMs = 5_000) {
  const postWebhook = createWebhooks({ allow: parseAllowList(['127.0.0.0/8']), timeoutMs });
  return { postWebhook, sealer: world.sealer, database: world.database, clock: world.clock };
}

function openLane(timeoutMs?: number): Relay {
  const logger = {
    warn: (details: object, message: string) => void logged.push(JSON.stringify({ ...details, message })),
    error: (details: object, message: string) => void logged.push(JSON.stringify({ ...details, message })),
  };
  return deliverNotifications({ ...sending(timeoutMs), publicUrl: 'http://gatehouse.test', logger });
}

/** Its test message is no part of what the tests look at. */
async function subscribe(
  workspace: Workspace,
  more: Partial<NotificationInput> = {},
  to: Receiver = receiver,
): Promise<NotificationConfiguration> {
  const input = { name: 'ours', destinationType: 'generic', enabled: true, triggers: everything } as const;
  const row = await createNotification(sending(), world.olga, workspace, {
    ...input,
    triggers: everything,
    url: new Secret(to.url),
    token: null,
    ...more,
  });
  to.received.length = 0;
  return row;
}

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body));
const waiting = () => world.database.select().from(notificationDeliveries).all();

describe('what is told of a run', () => {
  test('from its queueing to its end, in order', async () => {
    const workspace = await world.workspace('never');
    await subscribe(workspace);
    const run = await world.run(workspace);
    await world.work(run.id, 'plan');
    await confirmRun(world, { runId: run.id, comment: '', by: world.mia });
    await world.work(run.id, 'apply');
    await lane.settled();
    expect(receiver.triggers()).toEqual([
      'run:created',
      'run:planning',
      'run:needs_attention',
      'run:applying',
      'run:completed',
    ]);
    expect(bodies().map(({ notifications: [one] }) => [one.run_status, one.run_updated_by, one.message])).toEqual([
      ['pending', 'olga', 'Run Created'],
      ['planning', null, 'Run Planning'],
      ['planned', null, 'Run Needs Attention'],
      ['applying', null, 'Run Applying'],
      ['applied', null, 'Run Applied'],
    ]);
    expect(waiting()).toEqual([]);
  });

  test('a code that is awaited: for what, of which device, until when, where, and no secret', async () => {
    const workspace = await world.workspace('plans_and_applies');
    await subscribe(workspace, { triggers: ['run:needs_mfa'] });
    const run = await world.run(workspace);
    await lane.settled();
    const challenge = world.challenge(run.id, 'plan');
    expect(bodies()).toMatchObject([
      {
        run_url: `http://gatehouse.test/app/acme/${workspace.name}/runs/${run.id}`,
        notifications: [
          {
            trigger: 'run:needs_mfa',
            run_status: 'plan_queued',
            gatehouse_status: 'awaiting_mfa',
            mfa: {
              phase: 'plan',
              state: 'awaiting',
              device: 'arn:aws:iam::********9012:mfa/olga',
              deadline_at: challenge.deadlineAt?.toISOString(),
              attempts_left: 5,
            },
          },
        ],
      },
    ]);
    expect(receiver.received[0]?.body).not.toContain('123456789012');
  });

  test('a code that extends the session of a running phase: once each time', async () => {
    const workspace = await world.workspace('applies_only');
    await subscribe(workspace, { triggers: ['run:needs_mfa', 'run:applying'] });
    await subscribe(workspace, { triggers: ['run:needs_attention'] });
    const run = await world.run(workspace);
    await world.work(run.id, 'plan');
    world.exchanging(run.id, 'apply');
    await confirmRun(world, { runId: run.id, comment: '', by: world.mia });
    await world.accept(run.id, 'apply');
    const { claimId } = await world.claim(run.id, 'apply');
    await lane.settled();
    receiver.received.length = 0;
    await world.sessionOpened({ runId: run.id, phase: 'apply', claimId });
    world.advance(50 * 60_000);
    for (const _ of [1, 2]) await raiseExtensions(world);
    await lane.settled();
    const told = {
      message: 'Run Needs an AWS MFA Code to Go On',
      run_status: 'applying',
      run_updated_by: null,
      mfa: {
        phase: 'apply',
        state: 'awaiting',
        deadline_at: world.extension(run.id, 'apply')?.deadlineAt?.toISOString(),
        attempts_left: 5,
      },
    };
    expect(receiver.triggers().toSorted()).toEqual(['run:needs_attention', 'run:needs_mfa']);
    expect(bodies()).toMatchObject([{ notifications: [told] }, { notifications: [told] }]);
    await world.finish(run.id, 'apply', claimId);
  });

  test('a code may decide on a plan: told at once without a deadline, and again when somebody decides without one', async () => {
    const workspace = await world.workspace('applies_only');
    await subscribe(workspace, { triggers: ['run:needs_mfa', 'run:needs_attention'] });
    const run = await world.run(workspace);
    await world.work(run.id, 'plan');
    await lane.settled();
    await confirmRun(world, { runId: run.id, comment: '', by: world.mia });
    await lane.settled();
    expect(
      bodies().map(({ notifications: [{ trigger, mfa, run_updated_by }] }) => [
        trigger,
        mfa.phase,
        mfa.deadline_at !== null,
        run_updated_by,
      ]),
    ).toEqual([
      ['run:needs_mfa', 'apply', false, null],
      ['run:needs_mfa', 'apply', true, 'mia'],
    ]);
  });

  test('to a reader of TFE’s words a code that is awaited is attention that is needed', async () => {
    const workspace = await world.workspace('plans_and_applies');
    await subscribe(workspace, { triggers: ['run:needs_attention'] });
    await world.run(workspace);
    await lane.settled();
    expect(receiver.triggers()).toEqual(['run:needs_attention']);
    expect(bodies()[0].notifications[0].mfa).toMatchObject({ phase: 'plan' });
  });

  test('nobody is asked for the code that decides a plan', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await world.run(workspace);
    await world.work(run.id, 'plan');
    await subscribe(workspace);
    const gate = world.gateLane(() => 'accept');
    try {
      await authenticateRun(world, { runId: run.id, tokenCode: code('400001'), by: world.mia });
    } finally {
      await gate.close();
    }
    await lane.settled();
    expect(world.status(run.id)).toBe('apply_queued');
    expect(receiver.triggers()).toEqual([]);
  });

  test('of a plan-only run only that it needs a code', async () => {
    const workspace = await world.workspace('plans_and_applies');
    await subscribe(workspace);
    await world.run(workspace, { planOnly: true });
    await world.run(await world.workspace('never'), { planOnly: true });
    await lane.settled();
    expect(receiver.triggers()).toEqual(['run:needs_mfa']);
  });

  test('how it ended, and why', async () => {
    const workspace = await world.workspace('never');
    await subscribe(workspace, { triggers: ['run:errored'] });
    const discarded = await world.run(workspace);
    await world.work(discarded.id, 'plan');
    await discardRun(world, { runId: discarded.id, comment: '', by: world.mia });
    const failed = await world.run(workspace);
    await world.work(failed.id, 'plan', { kind: 'failed', reason: 'terraform_failed', message: 'needle in a message' });
    await lane.settled();
    expect(bodies().map(({ notifications: [one] }) => [one.run_status, one.end_reason, one.message])).toEqual([
      ['discarded', 'discarded', 'Run Discarded'],
      ['errored', 'terraform_failed', 'Run Errored'],
    ]);
  });

  test('only to whoever asked for it, of this workspace, and is enabled', async () => {
    const [workspace, other] = [await world.workspace('never'), await world.workspace('never')];
    await subscribe(workspace, { triggers: ['run:completed'] });
    await subscribe(workspace, { enabled: false });
    await subscribe(other);
    await world.run(workspace);
    await lane.settled();
    expect(receiver.received).toEqual([]);
  });

  test('in Slack’s form to Slack', async () => {
    const workspace = await world.workspace('plans_and_applies');
    await subscribe(workspace, { destinationType: 'slack', triggers: ['run:needs_mfa'], token: new Secret('unused') });
    const run = await world.run(workspace, { message: 'for <you>' });
    await lane.settled();
    const [body] = bodies();
    expect(body.text).toContain(`/runs/${run.id}|${run.id}>`);
    expect(body.text).toContain('…9012:mfa/olga');
    expect(body.text).toContain('for &lt;you&gt;');
  });

  test('signed with the token', async () => {
    const workspace = await world.workspace('never');
    await subscribe(workspace, { token: new Secret('hush'), triggers: ['run:created'] });
    await world.run(workspace, { message: 'Zoë' });
    await lane.settled();
    const [sent] = receiver.received;
    const expected = createHmac('sha512', 'hush')
      .update(sent?.body ?? '')
      .digest('hex');
    expect(sent?.headers['x-tfe-notification-signature']).toBe(expected);
  });
});

describe('a receiver that fails', () => {
  test('is tried again with the same key, later each time, until it takes it', async () => {
    const workspace = await world.workspace('never');
    const { id } = await subscribe(workspace, { triggers: ['run:created'] });
    receiver.says(503);
    await world.run(workspace);
    await lane.settled();
    await lane.settled();
    expect(receiver.received).toHaveLength(1);
    world.advance(5_001);
    await lane.settled();
    expect(receiver.received).toHaveLength(2);
    receiver.says(204);
    world.advance(30_001);
    await lane.settled();
    world.advance(3_600_000);
    await lane.settled();
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(waiting()).toEqual([]);
    expect(responsesOf(world.database, [id]).map((response) => response.code)).toEqual([204, 503, 503, 200]);
  });

  test('is given up after a bounded number of tries', async () => {
    const workspace = await world.workspace('never');
    await subscribe(workspace, { triggers: ['run:created'] });
    receiver.says(500);
    await world.run(workspace);
    for (let hour = 0; hour < 12; hour++) {
      await lane.settled();
      world.advance(3_600_000);
    }
    expect(receiver.received).toHaveLength(6);
    expect(waiting()).toEqual([]);
  });

  test.each([400, 404, 410, 302])('for good (%i) is not asked again', async (status) => {
    const workspace = await world.workspace('never');
    await subscribe(workspace, { triggers: ['run:created'] });
    receiver.answers((response) => void response.writeHead(status, { location: `${receiver.url}/next` }).end());
    await world.run(workspace);
    await lane.settled();
    world.advance(3_600_000);
    await lane.settled();
    expect(receiver.received).toHaveLength(1);
    expect(waiting()).toEqual([]);
  });

  test('holds up no other receiver, and no run', async () => {
    const workspace = await world.workspace('never');
    const slow = await startReceiver();
    try {
      await subscribe(workspace, {}, slow);
      let release = () => {};
      slow.answers((response) => (release = () => void response.end()));
      await subscribe(workspace);
      const run = await world.run(workspace);
      lane.wake();
      await expect.poll(() => slow.received.length).toBe(1);
      await world.work(run.id, 'plan');
      await world.relay.settled();
      lane.wake();
      await expect.poll(() => receiver.triggers()).toEqual(['run:created', 'run:planning', 'run:needs_attention']);
      expect(slow.received).toHaveLength(1);
      slow.answers((response) => void response.end());
      release();
      await lane.settled();
      expect(slow.triggers()).toEqual(['run:created', 'run:planning', 'run:needs_attention']);
    } finally {
      await slow.close();
    }
  });

  test('by silence is cut off after its time, and that is what is recorded', async () => {
    await lane.close();
    lane = openLane(200);
    const workspace = await world.workspace('never');
    const { id } = await subscribe(workspace, { triggers: ['run:created'] });
    receiver.answers(() => undefined);
    await world.run(workspace);
    await lane.settled();
    expect(responsesOf(world.database, [id])[0]).toMatchObject({ code: null, successful: false });
    expect(waiting()).toHaveLength(1);
  });

  test('to a destination that is not allowed any more is not dialled, and not tried again', async () => {
    const workspace = await world.workspace('never');
    const { id } = await subscribe(workspace, { triggers: ['run:created'] });
    await lane.close();
    const postWebhook = createWebhooks({ allow: parseAllowList([]) });
    const logger = { warn: () => undefined, error: () => undefined };
    lane = deliverNotifications({ ...sending(), postWebhook, publicUrl: 'http://gatehouse.test', logger });
    await world.run(workspace);
    await lane.settled();
    expect(receiver.received).toEqual([]);
    expect(waiting()).toEqual([]);
    expect(responsesOf(world.database, [id])[0]).toMatchObject({ code: null, successful: false });
  });
});

describe('nothing is lost', () => {
  test('when the process ends between the commit and the sending', async () => {
    await lane.close();
    const workspace = await world.workspace('never');
    await subscribe(workspace);
    const run = await world.run(workspace);
    await world.work(run.id, 'plan');
    expect(receiver.received).toEqual([]);
    lane = openLane();
    await lane.settled();
    expect(receiver.triggers()).toEqual(['run:created', 'run:planning', 'run:needs_attention']);
  });

  test('when the process dies while it sends: another sends it again, under the same key', async () => {
    await lane.close();
    const workspace = await world.workspace('never');
    const { id } = await subscribe(workspace, { triggers: ['run:created'] });
    await world.run(workspace);
    const now = world.clock.now();
    const taken = takeDelivery(world.database, id, now, new Date(now.getTime() + 30_000));
    lane = openLane();
    await lane.settled();
    // The other may still be at it.
    expect(receiver.received).toEqual([]);
    world.advance(30_001);
    await lane.settled();
    expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toEqual([taken?.id]);
  });

  test('and of two processes only one sends it', async () => {
    const workspace = await world.workspace('never');
    await subscribe(workspace);
    const second = openLane();
    await world.run(workspace);
    await Promise.all([lane.settled(), second.settled()]);
    await second.close();
    expect(receiver.triggers()).toEqual(['run:created']);
  });
});

test('one that is disabled or deleted is told nothing of what waited for it', async () => {
  await lane.close();
  const workspace = await world.workspace('never');
  const [disabled, kept] = [await subscribe(workspace), await subscribe(workspace)];
  await world.run(workspace);
  await updateNotification(sending(), world.olga, disabled, { enabled: false });
  lane = openLane();
  await lane.settled();
  expect(bodies().map((body) => body.notification_configuration_id)).toEqual([kept.id]);
  expect(waiting()).toEqual([]);
  expect(findNotificationConfiguration(world.database, disabled.id)?.enabled).toBe(false);
});

test('neither address nor token is in the log of a delivery that fails', async () => {
  const workspace = await world.workspace('never');
  const url = new Secret(`${receiver.url}/needle-in-the-path`);
  await subscribe(workspace, { url, token: new Secret('needle-token'), triggers: ['run:created'] });
  receiver.answers((response) => void response.writeHead(500).end('needle-answer'));
  await world.run(workspace);
  await lane.settled();
  expect(receiver.received[0]?.path).toContain('needle');
  const told = logged.filter((line) => line.includes('tried again later'));
  expect(told.length).toBeGreaterThan(0);
  expect(logged.join()).not.toContain('needle');
});
