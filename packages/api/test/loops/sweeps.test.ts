import { phaseJobId } from '@gatehouse/shared/jobs';
import { workerLostAfterMs } from '@gatehouse/shared/worker-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expireChallenges } from '../../src/loops/expire-challenges.ts';
import { createGiveUpOnLost, giveUpEveryMs } from '../../src/loops/give-up-on-lost.ts';
import { reconcile } from '../../src/loops/reconcile.ts';
import { remindOfWaits } from '../../src/loops/remind-of-waits.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { createHearing } from '../../src/services/hearing.ts';
import { recordHeartbeat } from '../../src/services/record-heartbeat.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { findPhase } from '../../src/store/phases.ts';
import { requireRun } from '../../src/store/runs.ts';
import { outbox } from '../../src/store/schema/runs.ts';
import { code, finished, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeEach(async () => {
  world = await startRunWorld({ exchangeWaitMs: 200 });
});
afterEach(() => world.close());

const waiting = async () => world.run(await world.workspace('plans_and_applies'));
const states = async (queue: 'gate' | 'runs', ...ids: string[]) => [
  ...(await world.queue.jobStates(queue, ids)).values(),
];

test('a wait that the sweep gave up leaves no job behind, whatever time Redis has', async () => {
  const run = await waiting();
  await world.relay.settled();
  world.advance(world.settings.mfaDeadlineMs + 1);
  await expireChallenges(world);
  await world.relay.settled();
  expect(await states('gate', `${world.challenge(run.id, 'plan').id}.0`)).toEqual(['missing']);
});

describe('reconcile', () => {
  test('brings back what a flushed Redis has lost, and a code then works', async () => {
    const [parked, queued] = [await waiting(), await world.run(await world.workspace('never'))];
    await world.relay.settled();
    const gateJob = `${world.challenge(parked.id, 'plan').id}.0`;
    await world.redis.flushall();
    expect(await states('gate', gateJob)).toEqual(['missing']);
    world.advance(11_000);
    await reconcile(world);
    expect(await states('gate', gateJob)).toEqual(['alive']);
    expect(await states('runs', phaseJobId(queued.id, 'plan'))).toEqual(['alive']);
    const lane = world.gateLane(() => 'accept');
    try {
      expect(
        (await authenticateRun(world, { runId: parked.id, tokenCode: code('123456'), by: world.mia })).status,
      ).toBe('plan_queued');
    } finally {
      await lane.close();
    }
  });

  test('does not wake a worker before the log of its phase is opened', async () => {
    const queued = await world.run(await world.workspace('never'));
    await world.relay.settled();
    await world.redis.flushall();
    const never = new Date(9e14);
    world.database
      .insert(outbox)
      .values({ runId: queued.id, kind: 'open-log', payload: { phase: 'plan' }, createdAt: never, dueAt: never })
      .run();
    world.advance(11_000);
    await reconcile(world);
    expect(await states('runs', phaseJobId(queued.id, 'plan'))).toEqual(['missing']);
  });

  test('ends an exchange that no worker took: the code is lost, the run waits on', async () => {
    const run = await waiting();
    await authenticateRun(world, { runId: run.id, tokenCode: code('123456'), by: world.mia });
    await reconcile(world);
    expect(world.challenge(run.id, 'plan').state).toBe('exchanging');
    world.advance(15_001);
    await reconcile(world);
    expect(world.challenge(run.id, 'plan')).toMatchObject({
      state: 'awaiting',
      attempt: 1,
      lastError: 'mfa_code_lost',
      triesLeft: 5,
    });
  });

  test('ends an exchange whose worker fell silent: AWS may have taken the code, the run waits on', async () => {
    const run = await waiting();
    const lane = world.gateLane(() => 'silence');
    await authenticateRun(world, { runId: run.id, tokenCode: code('123456'), by: world.mia });
    world.advance(15_001);
    await reconcile(world);
    expect(world.challenge(run.id, 'plan').state).toBe('exchanging');
    world.advance(15_001);
    await reconcile(world);
    expect(world.challenge(run.id, 'plan')).toMatchObject({
      state: 'awaiting',
      attempt: 1,
      lastError: 'sts_unreachable',
    });
    await lane.close();
  });

  test('renews a job that was used up without a report', async () => {
    const run = await waiting();
    await world.relay.settled();
    const { id } = world.challenge(run.id, 'plan');
    await world.redis.hset(`bull:gate:${id}.0`, 'finishedOn', '1');
    await reconcile(world);
    await world.relay.settled();
    expect(world.challenge(run.id, 'plan').attempt).toBe(1);
    expect(await states('gate', `${id}.1`)).toEqual(['alive']);
  });
});

describe('deadlines', () => {
  test('end a run without any worker, and free its workspace', async () => {
    const workspace = await world.workspace('plans_and_applies');
    const [run, behind] = [await world.run(workspace), await world.run(workspace)];
    world.advance(30 * 60_000 - 1_000);
    await expireChallenges(world);
    expect(world.status(run.id)).toBe('awaiting_plan_mfa');
    world.advance(1_001);
    await expireChallenges(world);
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'errored', endReason: 'mfa_deadline_passed' });
    expect(world.status(behind.id)).toBe('awaiting_plan_mfa');
    expect(findPhase(world.database, run.id, 'plan')?.outcome).toBe('errored');
  });

  test('do not run while nobody has decided on a finished plan', async () => {
    const run = await world.run(await world.workspace('applies_only'));
    await world.work(run.id, 'plan');
    world.advance(48 * 3_600_000);
    await expireChallenges(world);
    expect(world.status(run.id)).toBe('planned');
  });

  test('by the real gate job wake the lane, which reports', async () => {
    const soon = await startRunWorld({ mfaDeadlineMs: 150 });
    const lane = soon.gateLane(() => 'accept');
    try {
      const run = await soon.run(await soon.workspace('plans_and_applies'));
      const ended = new Promise<void>(
        (resolve) => void soon.changes.subscribe(run.id, () => soon.status(run.id) === 'errored' && resolve()),
      );
      await ended;
      expect(requireRun(soon.database, run.id).endReason).toBe('mfa_deadline_passed');
      expect(lane.calls).toHaveLength(0);
    } finally {
      await lane.close();
      await soon.close();
    }
  });
});

describe('reminders', () => {
  const reminders = async (runId: string) => {
    await world.relay.settled();
    return (await world.log(runId, 'plan')).split('\n').filter((line) => line.startsWith('Still waiting'));
  };

  test('are said every five minutes, each once, until the deadline', async () => {
    const run = await waiting();
    await remindOfWaits(world);
    expect(await reminders(run.id)).toEqual([]);
    for (let minute = 1; minute <= 29; minute++) {
      world.advance(60_000);
      await remindOfWaits(world);
      await remindOfWaits(world);
    }
    expect(await reminders(run.id)).toEqual(
      [25, 20, 15, 10, 5].map(
        (left) => `Still waiting for a code of arn:aws:iam::********9012:mfa/olga: ${left} minutes left.`,
      ),
    );
  });

  test('that were missed while nobody looked are said once', async () => {
    const run = await waiting();
    world.advance(17 * 60_000);
    await remindOfWaits(world);
    world.advance(3 * 60_000);
    await remindOfWaits(world);
    expect((await reminders(run.id)).map((line) => line.split(': ')[1])).toEqual([
      '13 minutes left.',
      '10 minutes left.',
    ]);
  });

  test('are not said while a code is checked, nor of a run that was released, nor of a plan that nobody decided on', async () => {
    const [checked, released] = [await waiting(), await waiting()];
    const planned = await world.run(await world.workspace('applies_only'));
    await world.work(planned.id, 'plan');
    for (const run of [checked, released]) world.exchanging(run.id, 'plan');
    await world.accept(released.id, 'plan');
    world.advance(6 * 60_000);
    await remindOfWaits(world);
    for (const run of [checked, released]) expect(await reminders(run.id)).toEqual([]);
    expect(await world.log(planned.id, 'apply')).toBe('');
  });
});

describe('a worker that is not heard of', () => {
  const beat = (claims: string[]) =>
    recordHeartbeat(world, {
      workerId: 'worker-1',
      heartbeat: { name: 'w', version: '1', concurrency: 2, sandbox: 'none', draining: false, claims },
    });
  /** Looks as often as the real loop while the time passes. */
  function pass(look: () => void, ms: number, each: () => unknown = () => undefined): void {
    for (let passed = 0; passed < ms; passed += giveUpEveryMs) {
      world.advance(giveUpEveryMs);
      each();
      look();
    }
  }

  test('loses its phase within 60 s, for good; its late report changes nothing', async () => {
    const workspace = await world.workspace('never');
    const [run, behind] = [await world.run(workspace, { autoApply: true }), await world.run(workspace)];
    await world.work(run.id, 'plan');
    const look = createGiveUpOnLost(world);
    const { claimId } = await world.claim(run.id, 'apply');
    pass(look, workerLostAfterMs + 2 * giveUpEveryMs);
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'errored', endReason: 'worker_lost' });
    expect(await world.log(run.id, 'apply')).toContain('The worker stopped answering');
    expect(world.status(behind.id)).toBe('plan_queued');
    await recordWorkerReport(world, {
      type: 'phase_finished',
      runId: run.id,
      phase: 'apply',
      claimId,
      outcome: finished(),
    });
    expect(world.status(run.id)).toBe('errored');
    expect(await beat([claimId])).toEqual({ stop: [{ claimId, mode: 'kill', cause: 'canceled' }], notes: [] });
    await expect(world.claim(run.id, 'apply')).rejects.toThrowError(
      expect.objectContaining({ code: 'invalid_transition' }),
    );
  });

  test('keeps it as long as it names the claim, and loses it when it beats without', async () => {
    const run = await world.run(await world.workspace('never'));
    const look = createGiveUpOnLost(world);
    const { claimId } = await world.claim(run.id, 'plan');
    pass(look, 3 * workerLostAfterMs, () => beat([claimId]));
    expect(world.status(run.id)).toBe('planning');
    pass(look, workerLostAfterMs + 2 * giveUpEveryMs, () => beat([]));
    expect(requireRun(world.database, run.id).endReason).toBe('worker_lost');
  });

  test('is not blamed for the silence while the api itself was away', async () => {
    const run = await world.run(await world.workspace('never'));
    await world.claim(run.id, 'plan');
    world.advance(3_600_000);
    const look = createGiveUpOnLost(world);
    look();
    world.advance(giveUpEveryMs);
    look();
    expect(world.status(run.id)).toBe('planning');
    // Nor while it was stopped: the first look after a gap starts the time anew.
    world.advance(3_600_000);
    look();
    expect(world.status(run.id)).toBe('planning');
    pass(look, workerLostAfterMs + giveUpEveryMs);
    expect(world.status(run.id)).toBe('errored');
  });

  test('is not blamed for beats that could not be taken, until the store could be written again for its whole time', async () => {
    const run = await world.run(await world.workspace('never'));
    await world.claim(run.id, 'plan');
    const hearing = createHearing();
    const look = createGiveUpOnLost({ ...world, hearing });
    pass(look, 2 * workerLostAfterMs, () => hearing.missed(world.clock.now()));
    expect(world.status(run.id)).toBe('planning');
    pass(look, workerLostAfterMs - giveUpEveryMs);
    expect(world.status(run.id)).toBe('planning');
    pass(look, 2 * giveUpEveryMs);
    expect(requireRun(world.database, run.id).endReason).toBe('worker_lost');
  });

  test('is given up in time although the clock was put back an hour, and not before', async () => {
    const [alive, dead] = [
      await world.run(await world.workspace('never')),
      await world.run(await world.workspace('never')),
    ];
    const look = createGiveUpOnLost(world);
    const { claimId } = await world.claim(alive.id, 'plan');
    await world.claim(dead.id, 'plan');
    pass(look, giveUpEveryMs, () => beat([claimId]));
    world.advance(-3_600_000);
    pass(look, workerLostAfterMs - giveUpEveryMs, () => beat([claimId]));
    expect(world.status(dead.id)).toBe('planning');
    pass(look, 3 * giveUpEveryMs, () => beat([claimId]));
    expect(requireRun(world.database, dead.id).endReason).toBe('worker_lost');
    expect(world.status(alive.id)).toBe('planning');
  });

  test('leaves a queued phase alone, until its session has ended', async () => {
    const [plain, withCode] = [await world.run(await world.workspace('never')), await waiting()];
    world.exchanging(withCode.id, 'plan');
    await world.accept(withCode.id, 'plan');
    const look = createGiveUpOnLost(world);
    world.advance(3_599_000);
    look();
    expect(world.status(withCode.id)).toBe('plan_queued');
    world.advance(2_000);
    look();
    expect(requireRun(world.database, withCode.id).endReason).toBe('session_lost');
    expect(world.status(plain.id)).toBe('plan_queued');
  });
});

test('a code is lost, not hanging, when Redis is away', async () => {
  const run = await waiting();
  await world.relay.settled();
  await world.redisServer.stop();
  await expect(
    authenticateRun(world, { runId: run.id, tokenCode: code('123456'), by: world.mia }),
  ).rejects.toThrowError(expect.objectContaining({ code: 'mfa_code_lost' }));
  expect(world.challenge(run.id, 'plan')).toMatchObject({ state: 'awaiting', triesLeft: 5 });
});
