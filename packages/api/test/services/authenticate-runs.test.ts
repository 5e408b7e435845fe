import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import type { Run } from '../../src/store/runs.ts';
import { code, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000 });
  lane = world.gateLane(() => verdict);
});
afterEach(() => {
  verdict = 'accept';
  lane.calls.length = 0;
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

let next = 200_000;
const waiting = async () => world.run(await world.workspace('plans_and_applies'));
const submit = (runs: readonly Run[], by = world.mia) =>
  authenticateRuns(world, {
    organization: 'acme',
    runIds: runs.map(({ id }) => id),
    tokenCode: code(String(next++)),
    by,
  });
const statuses = (runs: readonly Run[]) => runs.map(({ id }) => world.status(id));

describe('one code for several runs', () => {
  test('releases all of them with one call of AWS', async () => {
    const planned = await world.run(await world.workspace('applies_only'));
    await world.work(planned.id, 'plan');
    const runs = [await waiting(), await waiting(), planned];
    expect((await submit(runs)).map(({ outcome }) => outcome)).toEqual([
      'authenticated',
      'authenticated',
      'authenticated',
    ]);
    expect(lane.calls).toHaveLength(1);
    const released = lane.calls[0]?.claim.targets.map(({ session }) => session.runId) ?? [];
    expect(released[0]).toBe(runs[0]?.id);
    expect(released.toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
    expect(statuses(runs)).toEqual(['plan_queued', 'plan_queued', 'apply_queued']);
    // What was parked for the others is gone.
    await world.relay.settled();
    const parked = runs.slice(1).map(({ id }, index) => `${world.challenge(id, index === 1 ? 'apply' : 'plan').id}.0`);
    expect([...(await world.queue.jobStates('gate', parked)).values()]).toEqual(['missing', 'missing']);
  });

  test('tells of each that waits no more, and does not undo the others', async () => {
    const [gone, open, foreign] = [await waiting(), await waiting(), 'run-unknown'];
    await discardRun(world, { runId: gone.id, comment: '', by: world.olga });
    const outcomes = await authenticateRuns(world, {
      organization: 'acme',
      runIds: [gone.id, foreign, open.id, open.id],
      tokenCode: code(String(next++)),
      by: world.mia,
    });
    expect(outcomes.map(({ runId, outcome, error }) => [runId, outcome, error?.code])).toEqual([
      [gone.id, 'failed', 'mfa_not_awaited'],
      [foreign, 'failed', 'not_found'],
      [open.id, 'authenticated', undefined],
    ]);
  });

  test('that is refused leaves all waiting, each with its own tries', async () => {
    verdict = { rejection: 'mfa_rejected' };
    const runs = [await waiting(), await waiting()];
    expect((await submit(runs)).map(({ error }) => error?.code)).toEqual(['mfa_rejected', 'mfa_rejected']);
    expect(runs.map(({ id }) => world.challenge(id, 'plan'))).toMatchObject([
      { state: 'awaiting', triesLeft: 4, attempt: 1 },
      { state: 'awaiting', triesLeft: 4, attempt: 1 },
    ]);
    verdict = 'accept';
    expect((await submit(runs)).map(({ outcome }) => outcome)).toEqual(['authenticated', 'authenticated']);
  });

  test('of different devices is refused whole, naming those that differ', async () => {
    const own = await world.workspace('plans_and_applies');
    await world.variable('AWS_MFA_SERIAL_NUMBER', 'arn:aws:iam::123456789012:mfa/other', { workspaceId: own.id });
    const [ordinary, other] = [await waiting(), await world.run(own)];
    await expect(submit([ordinary, other])).rejects.toThrowError(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(`: ${other.id}.`) }),
    );
    expect(statuses([ordinary, other])).toEqual(['awaiting_plan_mfa', 'awaiting_plan_mfa']);
    expect(lane.calls).toHaveLength(0);
  });

  test('of different keys is refused as well', async () => {
    const own = await world.workspace('plans_and_applies');
    await world.variable('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7OTHERXX', { workspaceId: own.id });
    await expect(submit([await waiting(), await world.run(own)])).rejects.toThrowError(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  test('that got lost with its leader is lost for all', async () => {
    verdict = 'silence';
    const runs = [await waiting(), await waiting()];
    expect((await submit(runs)).map(({ outcome }) => outcome)).toEqual(['exchanging', 'exchanging']);
    const challengeId = world.challenge(runs[0]?.id ?? '', 'plan').id;
    await recordWorkerReport(world, { type: 'mfa_rejected', challengeId, attempt: 0, rejection: 'mfa_code_lost' });
    expect(runs.map(({ id }) => world.challenge(id, 'plan'))).toMatchObject([
      { state: 'awaiting', lastError: 'mfa_code_lost', triesLeft: 5 },
      { state: 'awaiting', lastError: 'mfa_code_lost', triesLeft: 5 },
    ]);
  });

  test('is not for strangers', async () => {
    await expect(submit([await waiting()], world.sam)).rejects.toThrowError(
      expect.objectContaining({ code: 'not_found' }),
    );
  });
});
