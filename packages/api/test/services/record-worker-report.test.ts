import { sessionKey } from '@gatehouse/shared/jobs';
import { isActive, isTerminal } from '@gatehouse/shared/run-status';
import type { WorkerReport } from '@gatehouse/shared/worker-reports';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { confirmRun } from '../../src/services/confirm-run.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { listHistory } from '../../src/store/history.ts';
import { findPhase } from '../../src/store/phases.ts';
import { requireRun } from '../../src/store/runs.ts';
import { finished, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.close());

const report = (it: WorkerReport) => recordWorkerReport(world, it);
const waiting = async () => world.run(await world.workspace('plans_and_applies'));
const snapshot = (runId: string) =>
  JSON.stringify([
    requireRun(world.database, runId),
    findPhase(world.database, runId, 'plan'),
    listHistory(world.database, runId),
  ]);

const exchanging = (runId: string, isClaimed: boolean) => world.exchanging(runId, 'plan', isClaimed);

describe('a finished plan', () => {
  test.each([
    ['with changes awaits a decision', finished(true), {}, 'planned', null],
    ['without changes is the end', finished(false), {}, 'planned_and_finished', 'no_changes'],
    ['of a plan-only run is the end', finished(true), { planOnly: true }, 'planned_and_finished', 'plan_only'],
    ['with auto-apply goes on', finished(true), { autoApply: true }, 'apply_queued', null],
  ] as const)('%s', async (_words, outcome, more, status, endReason) => {
    const run = await world.run(await world.workspace('never'), more);
    expect(await world.work(run.id, 'plan', outcome)).toMatchObject({ status, endReason });
    expect((await world.log(run.id, 'plan')).endsWith('\u0003')).toBe(true);
  });

  test('after a cancellation is canceled; a finished apply is not', async () => {
    const run = await world.run(await world.workspace('never'), { autoApply: true });
    const plan = await world.claim(run.id, 'plan');
    await cancelRun(world, { runId: run.id, comment: '', by: world.mia });
    await report({ type: 'phase_finished', runId: run.id, phase: 'plan', claimId: plan.claimId, outcome: finished() });
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'canceled', endReason: 'canceled' });

    const other = await world.run(await world.workspace('never'), { autoApply: true });
    await world.work(other.id, 'plan');
    const apply = await world.claim(other.id, 'apply');
    await cancelRun(world, { runId: other.id, comment: '', by: world.mia });
    await report({
      type: 'phase_finished',
      runId: other.id,
      phase: 'apply',
      claimId: apply.claimId,
      outcome: finished(),
    });
    expect(world.status(other.id)).toBe('applied');
  });

  test('tells which version it ran, and the apply is asked for that very one', async () => {
    const run = await world.run(await world.workspace('never'));
    const { claimId, terraformVersion } = await world.claim(run.id, 'plan');
    expect(terraformVersion).toBe('latest');
    const done = { type: 'phase_finished', runId: run.id, phase: 'plan', outcome: finished() } as const;
    await report({ ...done, claimId: 'claim-other', terraformVersion: '0.0.1' });
    await report({ ...done, claimId, terraformVersion: 'tofu-1.9.0' });
    expect(requireRun(world.database, run.id).terraformVersion).toBe('tofu-1.9.0');
    await confirmRun(world, { runId: run.id, comment: '', by: world.mia });
    expect(await world.claim(run.id, 'apply')).toMatchObject({ terraformVersion: 'tofu-1.9.0' });
  });

  test('is not told by the claim of another run', async () => {
    const [run, other] = [
      await world.run(await world.workspace('never')),
      await world.run(await world.workspace('never')),
    ];
    await world.claim(run.id, 'plan');
    const { claimId } = await world.claim(other.id, 'plan');
    const before = [snapshot(run.id), snapshot(other.id)];
    await report({ type: 'phase_finished', runId: run.id, phase: 'plan', claimId, outcome: finished() });
    expect([snapshot(run.id), snapshot(other.id)]).toEqual(before);
  });

  test('that failed says why, and frees the workspace', async () => {
    const workspace = await world.workspace('never');
    const [run, behind] = [await world.run(workspace), await world.run(workspace)];
    const outcome = { kind: 'failed', reason: 'terraform_failed', message: 'terraform plan ended with 1' } as const;
    expect(await world.work(run.id, 'plan', outcome)).toMatchObject({
      status: 'errored',
      endReason: 'terraform_failed',
      endMessage: 'terraform plan ended with 1',
    });
    expect(findPhase(world.database, run.id, 'plan')?.outcome).toBe('errored');
    expect(world.status(behind.id)).toBe('plan_queued');
  });
});

describe('a report that does not match any more changes nothing', () => {
  test('of a phase: another claim, twice, or of a run that is over', async () => {
    const run = await world.run(await world.workspace('never'));
    const { claimId } = await world.claim(run.id, 'plan');
    const done = { type: 'phase_finished', runId: run.id, phase: 'plan', claimId, outcome: finished() } as const;
    const before = snapshot(run.id);
    await report({ ...done, claimId: 'claim-other' });
    await report({ ...done, phase: 'apply' });
    await report({ ...done, runId: 'run-gone' });
    expect(snapshot(run.id)).toBe(before);
    await report(done);
    const after = snapshot(run.id);
    await report(done);
    await report({ ...done, outcome: { kind: 'failed', reason: 'worker_error', message: '' } });
    expect(snapshot(run.id)).toBe(after);
  });

  test('of a challenge: another attempt, twice, or unasked', async () => {
    const run = await waiting();
    const { id: challengeId } = world.challenge(run.id, 'plan');
    const session = { accessKeyId: 'ASIA', expiresAt: new Date(Date.now() + 1000).toISOString() };
    const before = snapshot(run.id);
    await report({ type: 'mfa_authenticated', challengeId, attempt: 0, ...session });
    await report({ type: 'mfa_rejected', challengeId, attempt: 0, rejection: 'mfa_rejected' });
    await report({ type: 'mfa_authenticated', challengeId: 'mfa-gone', attempt: 0, ...session });
    await report({ type: 'challenge_woke', challengeId, attempt: 7 });
    expect(snapshot(run.id)).toBe(before);
    exchanging(run.id, true);
    await report({ type: 'mfa_authenticated', challengeId, attempt: 1, ...session });
    expect(world.status(run.id)).toBe('awaiting_plan_mfa');
    await report({ type: 'mfa_authenticated', challengeId, attempt: 0, ...session });
    const after = snapshot(run.id);
    await report({ type: 'mfa_authenticated', challengeId, attempt: 0, ...session });
    await report({ type: 'mfa_rejected', challengeId, attempt: 0, rejection: 'mfa_rejected' });
    expect(snapshot(run.id)).toBe(after);
    expect(world.status(run.id)).toBe('plan_queued');
  });

  test('and a session that came after the end is taken back', async () => {
    const run = await waiting();
    exchanging(run.id, true);
    await discardRun(world, { runId: run.id, comment: '', by: world.mia });
    await world.redis.set(sessionKey(run.id, 'plan'), 'sealed');
    await world.accept(run.id, 'plan');
    await world.relay.settled();
    expect(world.status(run.id)).toBe('discarded');
    expect(await world.redis.exists(sessionKey(run.id, 'plan'))).toBe(0);
  });

  test('and so is one that came for a try that was over, once its run ends without another', async () => {
    const run = await waiting();
    const { id: challengeId } = world.challenge(run.id, 'plan');
    exchanging(run.id, true);
    await report({ type: 'mfa_rejected', challengeId, attempt: 0, rejection: 'sts_unreachable' });
    await world.redis.set(sessionKey(run.id, 'plan'), 'sealed');
    await world.accept(run.id, 'plan', { attempt: 0 });
    expect(world.status(run.id)).toBe('awaiting_plan_mfa');
    await discardRun(world, { runId: run.id, comment: '', by: world.mia });
    await world.relay.settled();
    expect(await world.redis.exists(sessionKey(run.id, 'plan'))).toBe(0);
  });

  test('but a second report of the session that is in use leaves it where it is', async () => {
    const run = await waiting();
    exchanging(run.id, true);
    await world.accept(run.id, 'plan');
    await world.redis.set(sessionKey(run.id, 'plan'), 'sealed');
    await world.accept(run.id, 'plan');
    await world.relay.settled();
    expect(await world.redis.exists(sessionKey(run.id, 'plan'))).toBe(1);
  });
});

describe('a gate job that woke without a code', () => {
  test('before the deadline is parked again under the next number', async () => {
    const run = await waiting();
    const { id: challengeId } = world.challenge(run.id, 'plan');
    await report({ type: 'challenge_woke', challengeId, attempt: 0 });
    await world.relay.settled();
    expect(world.challenge(run.id, 'plan')).toMatchObject({ state: 'awaiting', attempt: 1, triesLeft: 5 });
    expect([...(await world.queue.jobStates('gate', [`${challengeId}.1`])).values()]).toEqual(['alive']);
  });

  test('at the deadline ends the run', async () => {
    const run = await waiting();
    const { id: challengeId } = world.challenge(run.id, 'plan');
    world.advance(30 * 60_000 + 1_000);
    await report({ type: 'challenge_woke', challengeId, attempt: 0 });
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'errored', endReason: 'mfa_deadline_passed' });
    expect(await world.log(run.id, 'plan')).toContain('No MFA code came in time');
  });

  test('although one was given: it is lost, and costs no try; once claimed it is not', async () => {
    const [lost, claimed] = [await waiting(), await waiting()];
    await report({ type: 'challenge_woke', challengeId: exchanging(lost.id, false), attempt: 0 });
    expect(world.challenge(lost.id, 'plan')).toMatchObject({
      state: 'awaiting',
      lastError: 'mfa_code_lost',
      triesLeft: 5,
    });
    await report({ type: 'challenge_woke', challengeId: exchanging(claimed.id, true), attempt: 0 });
    expect(world.challenge(claimed.id, 'plan').state).toBe('exchanging');
  });
});

test('whatever comes in whatever order, a run only ever does what the table allows, and one holds its workspace', async () => {
  const steps = [
    'authenticated',
    'rejected',
    'woke',
    'exchange',
    'claim',
    'finish',
    'fail',
    'confirm',
    'discard',
    'cancel',
    'new',
  ] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(3), fc.constantFrom('plan' as const, 'apply' as const)), {
        minLength: 15,
        maxLength: 40,
        size: 'max',
      }),
      async (sequence) => {
        const workspace = await world.workspace('plans_and_applies');
        const ids = [(await world.run(workspace)).id];
        const claims = new Map<string, string>();
        for (const [step, which, phase] of sequence) {
          const runId = ids[which % ids.length] ?? '';
          await take(step, runId, phase, claims, async () => ids.push((await world.run(workspace)).id)).catch(
            expectRefusal,
          );
          const active = ids.filter((id) => isActive(world.status(id)));
          expect(active.length).toBeLessThanOrEqual(1);
          // Whoever is first in line never stands before a free workspace.
          if (active.length === 0) expect(ids.every((id) => isTerminal(world.status(id)))).toBe(true);
        }
        for (const id of ids) {
          const history = listHistory(world.database, id);
          expect(history.slice(1).map(({ fromStatus }) => fromStatus)).toEqual(
            history.slice(0, -1).map(({ toStatus }) => toStatus),
          );
        }
      },
    ),
    { numRuns: 25 },
  );
});

async function take(
  step: string,
  runId: string,
  phase: 'plan' | 'apply',
  claims: Map<string, string>,
  queue: () => Promise<unknown>,
) {
  const by = world.mia;
  const claimId = claims.get(`${runId}.${phase}`) ?? 'claim-none';
  const done = { type: 'phase_finished', runId, phase, claimId } as const;
  const challengeId = () => world.challenge(runId, phase).id;
  const attempt = () => world.challenge(runId, phase).attempt;
  switch (step) {
    case 'exchange':
      return exchanging(runId, false);
    case 'authenticated':
      return world.accept(runId, phase);
    case 'rejected':
      return report({
        type: 'mfa_rejected',
        challengeId: challengeId(),
        attempt: attempt(),
        rejection: 'mfa_rejected',
      });
    case 'woke':
      return report({ type: 'challenge_woke', challengeId: challengeId(), attempt: attempt() });
    case 'claim':
      return claims.set(`${runId}.${phase}`, (await world.claim(runId, phase)).claimId);
    case 'finish':
      return report({ ...done, outcome: finished() });
    case 'fail':
      return report({ ...done, outcome: { kind: 'failed', reason: 'terraform_failed', message: '' } });
    case 'confirm':
      return confirmRun(world, { runId, comment: '', by });
    case 'discard':
      return discardRun(world, { runId, comment: '', by });
    case 'cancel':
      return cancelRun(world, { runId, comment: '', by });
    default:
      return queue();
  }
}

function expectRefusal(error: unknown): void {
  if (error instanceof Error && error.message.includes('has no challenge')) return;
  expect(error).toMatchObject({ code: expect.stringMatching(/^(invalid_transition|mfa_not_awaited)$/) });
}
