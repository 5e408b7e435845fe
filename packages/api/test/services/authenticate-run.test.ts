import { inspect } from 'node:util';
import { tokenCodeKey } from '@gatehouse/shared/jobs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { confirmRun } from '../../src/services/confirm-run.ts';
import { discardRun } from '../../src/services/discard-run.ts';
import { listAuditRecords } from '../../src/store/audit.ts';
import { requireRun } from '../../src/store/runs.ts';
import { code, goodSerial, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000, mfaTries: 3 });
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

let next = 100_000;
/** A code that no other test has spent. */
const fresh = () => code(String(next++));
const submit = (runId: string, tokenCode = fresh(), by = world.mia) => authenticateRun(world, { runId, tokenCode, by });
const waiting = async () => world.run(await world.workspace('plans_and_applies'));
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });

describe('a code that AWS accepts', () => {
  test('queues the plan, says who gave it in log and audit, and is gone (M7)', async () => {
    const run = await waiting();
    const tokenCode = fresh();
    const after = await submit(run.id, tokenCode);
    expect(after.status).toBe('plan_queued');
    const challenge = world.challenge(run.id, 'plan');
    expect(challenge).toMatchObject({
      state: 'authenticated',
      authenticatedByName: 'mia',
      sessionAccessKeyId: 'ASIATEST',
    });
    expect(await world.log(run.id, 'plan')).toContain('Authenticated with MFA by `mia`\n');
    expect(await world.redis.exists(tokenCodeKey(challenge.id, 0))).toBe(0);
    const { records } = await listAuditRecords(world.database, 'acme', { run: run.id }, { limit: 9, offset: 0 });
    expect(records).toMatchObject([
      { action: 'run.authenticated', actorName: 'mia', details: { accessKeyId: 'ASIATEST' } },
    ]);
    expect(lane.calls).toHaveLength(1);
    expect(lane.calls[0]?.claim).toMatchObject({
      mfaSerial: goodSerial,
      targets: [{ session: { runId: run.id, phase: 'plan' } }],
    });
    const rows = world.database.all<Record<string, unknown>>('select * from challenges');
    expect(inspect([rows, records, await world.log(run.id, 'plan')], { depth: 9 })).not.toContain(tokenCode.reveal());
  });

  test('is asked for again, and a fresh one, before the apply (M6)', async () => {
    const run = await waiting();
    await submit(run.id);
    await world.work(run.id, 'plan');
    expect(world.status(run.id)).toBe('planned');
    expect(world.challenge(run.id, 'apply').deadlineAt).toBeNull();
    expect((await submit(run.id)).status).toBe('apply_queued');
    expect(requireRun(world.database, run.id).confirmedBy).toBe(world.mia.userId);
    expect((await world.work(run.id, 'apply')).status).toBe('applied');
  });

  test('in `planned` is the confirmation (M5); a confirmation without a code waits for one', async () => {
    const run = await world.run(await world.workspace('applies_only'));
    await world.work(run.id, 'plan');
    await confirmRun(world, { runId: run.id, comment: '', by: world.mia });
    expect(world.status(run.id)).toBe('awaiting_apply_mfa');
    expect(world.challenge(run.id, 'apply').deadlineAt).not.toBeNull();
    const log = await world.log(run.id, 'apply');
    // The terraform CLI drops the first three lines of an apply.
    expect(log.split('\n').slice(3).join('\n')).toContain('AWS MFA required before the apply');
    expect((await submit(run.id)).status).toBe('apply_queued');
  });

  test('is not bypassed by auto-apply (M5)', async () => {
    const run = await world.run(await world.workspace('applies_only', { autoApply: true }));
    expect((await world.work(run.id, 'plan')).status).toBe('awaiting_apply_mfa');
    const without = await world.run(await world.workspace('never', { autoApply: true }));
    expect((await world.work(without.id, 'plan')).status).toBe('apply_queued');
  });
});

describe('a code that is refused', () => {
  test('leaves the run waiting with what AWS said; the next one works (M8)', async () => {
    const run = await waiting();
    verdict = { rejection: 'mfa_rejected', awsMessage: 'MultiFactorAuthentication failed' };
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_rejected', '2 tries are left until'));
    expect(world.status(run.id)).toBe('awaiting_plan_mfa');
    expect(world.challenge(run.id, 'plan')).toMatchObject({
      state: 'awaiting',
      attempt: 1,
      triesLeft: 2,
      lastError: 'mfa_rejected',
      awsMessage: 'MultiFactorAuthentication failed',
    });
    expect(await world.log(run.id, 'plan')).toContain('2 tries are left.');
    verdict = 'accept';
    expect((await submit(run.id)).status).toBe('plan_queued');
    expect(world.challenge(run.id, 'plan').lastError).toBeNull();
  });

  test('without AWS having judged it costs no try', async () => {
    const run = await waiting();
    verdict = { rejection: 'sts_unreachable' };
    for (let time = 0; time < 4; time++) {
      await expect(submit(run.id)).rejects.toThrowError(refusal('sts_unreachable', '3 tries are left'));
    }
    expect(world.challenge(run.id, 'plan')).toMatchObject({ triesLeft: 3, attempt: 4 });
  });

  test('for the last time ends the run, frees the workspace and closes the log', async () => {
    const workspace = await world.workspace('plans_and_applies');
    const run = await world.run(workspace);
    const behind = await world.run(workspace);
    verdict = { rejection: 'mfa_rejected' };
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_rejected'));
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_rejected', '1 try is left'));
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_too_many_attempts'));
    expect(requireRun(world.database, run.id)).toMatchObject({ status: 'errored', endReason: 'mfa_too_many_attempts' });
    expect(world.status(behind.id)).toBe('awaiting_plan_mfa');
    expect((await world.log(run.id, 'plan')).endsWith('\u0003')).toBe(true);
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_too_many_attempts'));
    expect(lane.calls).toHaveLength(3);
  });

  test.each(['', '12345', '1234567', '12345678901', '12345a', '１２３４５６', ' 123456'])(
    'for its form (%j) never leaves Gatehouse and costs no try',
    async (text) => {
      const run = await waiting();
      const error = await submit(run.id, code(text)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'mfa_code_invalid_format', message: expect.stringContaining('six digits') });
      if (text.length > 4) expect(inspect(error)).not.toContain(text);
      expect(world.challenge(run.id, 'plan')).toMatchObject({ state: 'awaiting', attempt: 0, triesLeft: 3 });
      expect(lane.calls).toHaveLength(0);
    },
  );

  test('because it was spent names who spent it for what, without asking AWS', async () => {
    const [first, second] = [await waiting(), await waiting()];
    const tokenCode = fresh();
    await submit(first.id, tokenCode, world.olga);
    await expect(submit(second.id, tokenCode)).rejects.toThrowError(
      refusal('mfa_code_already_used', `\`olga\` for run ${first.id}`),
    );
    expect(world.challenge(second.id, 'plan')).toMatchObject({ state: 'awaiting', triesLeft: 3, attempt: 0 });
    expect(lane.calls).toHaveLength(1);
  });
});

describe('who may be too late, or too early', () => {
  test('of two people at once one is heard, the other told so', async () => {
    const run = await waiting();
    const both = await Promise.allSettled([submit(run.id), submit(run.id, fresh(), world.olga)]);
    const refused = both.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toEqual([refusal('mfa_exchange_in_progress')]);
    expect(lane.calls).toHaveLength(1);
    expect(world.status(run.id)).toBe('plan_queued');
  });

  test('the same code for two runs at once reaches AWS once', async () => {
    const [first, second] = [await waiting(), await waiting()];
    const tokenCode = fresh();
    const both = await Promise.allSettled([submit(first.id, tokenCode), submit(second.id, tokenCode)]);
    expect(both.filter((one) => one.status === 'rejected').map(({ reason }) => reason)).toEqual([
      refusal('mfa_code_already_used', 'is being used by'),
    ]);
    expect(lane.calls).toHaveLength(1);
  });

  test('a run that waits for nothing says so, also without keys', async () => {
    const run = await world.run(await world.workspace('never'));
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_not_awaited', 'plan_queued'));
    const discarded = await waiting();
    await discardRun(world, { runId: discarded.id, comment: '', by: world.olga });
    await expect(submit(discarded.id)).rejects.toThrowError(refusal('mfa_not_awaited', 'discarded'));
  });

  test('a stranger learns nothing', async () => {
    await expect(submit((await waiting()).id, fresh(), world.sam)).rejects.toThrowError(refusal('not_found'));
  });

  test('after the deadline no code is taken, though no sweep has come by', async () => {
    const run = await waiting();
    world.advance(31 * 60_000);
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_deadline_passed'));
    expect(lane.calls).toHaveLength(0);
  });

  test('while AWS keeps silent the run is answered as exchanging', async () => {
    const run = await waiting();
    verdict = 'silence';
    const after = await submit(run.id);
    expect(after.status).toBe('awaiting_plan_mfa');
    expect(world.challenge(run.id, 'plan').state).toBe('exchanging');
    await expect(submit(run.id)).rejects.toThrowError(refusal('mfa_exchange_in_progress'));
    // What comes after that is taken all the same.
    await world.accept(run.id, 'plan');
    expect(world.status(run.id)).toBe('plan_queued');
  });
});
