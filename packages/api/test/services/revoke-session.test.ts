import { cancelChannel, sessionKey } from '@gatehouse/shared/jobs';
import { phaseMessage } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raiseExtensions } from '../../src/loops/raise-extensions.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { forceCancelRun } from '../../src/services/force-cancel-run.ts';
import { recordHeartbeat } from '../../src/services/record-heartbeat.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { revokeSession } from '../../src/services/revoke-session.ts';
import { listAuditRecords } from '../../src/store/audit.ts';
import { findPhase } from '../../src/store/phases.ts';
import { requireRun } from '../../src/store/runs.ts';
import { code, type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 0 });
});
afterAll(() => world.close());

const minutes = 60_000;
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });
const revoke = (runId: string, by = world.olga, comment = '') => revokeSession(world, { runId, by, comment });
const canceled = { kind: 'canceled', forced: false } as const;

/** A run whose plan is queued with the session that a code opened. */
async function queued() {
  const run = await world.run(await world.workspace('plans_and_applies'));
  world.exchanging(run.id, 'plan');
  await world.accept(run.id, 'plan');
  await world.relay.settled();
  await world.redis.set(sessionKey(run.id, 'plan'), 'sealed');
  return run;
}

async function planning(level: 'plans_and_applies' | 'never' = 'plans_and_applies') {
  const run = level === 'never' ? await world.run(await world.workspace('never')) : await queued();
  const { claimId } = await world.claim(run.id, 'plan');
  const running = { id: run.id, runId: run.id, phase: 'plan' as const, claimId };
  await world.sessionOpened(running, { accessKeyId: `ASIA${run.id}`, ...(level === 'never' && { asksInMs: null }) });
  return running;
}

const beat = async (claimId: string) =>
  recordHeartbeat(world, {
    workerId: 'worker-1',
    heartbeat: { name: 'w', version: '1', concurrency: 2, sandbox: 'none', draining: false, claims: [claimId] },
  });
const audited = async (runId: string) =>
  (await listAuditRecords(world.database, 'acme', { run: runId }, { limit: 9, offset: 0 })).records;

describe('an owner who revokes the session of a phase', () => {
  test.each(['plans_and_applies', 'never'] as const)(
    'that runs has it stopped, at once and by heartbeat (%s)',
    async (level) => {
      const running = await planning(level);
      await world.redis.set(sessionKey(running.id, 'plan'), 'sealed');
      const channel = cancelChannel(running.id, 'plan');
      const heard = new Promise<string>((resolve) => {
        world.redisServer.redis.on('message', (from: string, message: string) => from === channel && resolve(message));
      });
      await world.redisServer.redis.subscribe(channel);
      const run = await revoke(running.id, world.olga, 'a laptop was stolen');
      expect(run.status).toBe('planning');
      const message = JSON.parse(await world.sealer.unsealText(await heard, channel));
      expect(phaseMessage.parse(message)).toEqual({ mode: 'interrupt', cause: 'session_revoked' });
      const stop = { claimId: running.claimId, mode: 'interrupt', cause: 'session_revoked' };
      expect(await beat(running.claimId)).toEqual({ stop: [stop], notes: [] });
      await world.relay.settled();
      expect(await world.redis.exists(sessionKey(running.id, 'plan'))).toBe(0);
      expect(findPhase(world.database, running.id, 'plan')).toMatchObject({
        sessionRevokedAt: expect.any(Date),
        sessionRevokedBy: 'olga',
      });
      expect((await audited(running.id))[0]).toMatchObject({
        action: 'run.session_revoked',
        actorName: 'olga',
        details: { phase: 'plan', accessKeyId: `ASIA${running.id}` },
      });
      const outcome = {
        kind: 'failed',
        reason: 'session_revoked',
        message: 'Revoked; 1 of 2 resources read.',
      } as const;
      expect(await world.finish(running.id, 'plan', running.claimId, outcome)).toMatchObject({
        status: 'errored',
        endReason: 'session_revoked',
        endMessage: 'Revoked; 1 of 2 resources read.',
      });
    },
  );

  test('that waits for a worker ends its run; nothing of it starts', async () => {
    const run = await queued();
    expect(await revoke(run.id)).toMatchObject({ status: 'errored', endReason: 'session_revoked' });
    expect(await world.log(run.id, 'plan')).toContain('Error: `olga` revoked the AWS session.');
    await world.relay.settled();
    expect(await world.redis.exists(sessionKey(run.id, 'plan'))).toBe(0);
    await expect(world.claim(run.id, 'plan')).rejects.toThrowError(refusal('invalid_transition'));
    expect((await audited(run.id))[0]).toMatchObject({ details: { accessKeyId: 'ASIATEST' } });
  });

  test('ends the run for that reason also where the worker heard of a stop only, or of nothing in time', async () => {
    const [stopped, done] = [await planning(), await planning()];
    for (const { id } of [stopped, done]) await revoke(id);
    expect((await world.finish(stopped.id, 'plan', stopped.claimId, canceled)).endReason).toBe('session_revoked');
    expect((await world.finish(done.id, 'plan', done.claimId)).endReason).toBe('session_revoked');
    const both = await planning();
    await cancelRun(world, { runId: both.id, comment: '', by: world.mia });
    await revoke(both.id);
    expect((await beat(both.claimId)).stop).toMatchObject([{ cause: 'session_revoked' }]);
    expect((await world.finish(both.id, 'plan', both.claimId, canceled)).status).toBe('canceled');
  });
});

describe('after a revocation', () => {
  test('a terraform that does not stop can be canceled, and then killed', async () => {
    const running = await planning();
    await revoke(running.id);
    await cancelRun(world, { runId: running.id, comment: '', by: world.mia });
    world.advance(world.settings.forceCancelAfterMs);
    const killed = await forceCancelRun(world, { runId: running.id, comment: '', by: world.olga });
    expect(killed).toMatchObject({ status: 'canceled', endReason: 'force_canceled' });
    const stop = { claimId: running.claimId, mode: 'kill', cause: 'canceled' };
    expect(await beat(running.claimId)).toEqual({ stop: [stop], notes: [] });
  });

  test('no code extends the session, nor is one asked for', async () => {
    const [asked, unasked] = [await planning(), await planning()];
    await revoke(unasked.id);
    world.advance(50 * minutes);
    await raiseExtensions(world);
    expect(world.extension(asked.id, 'plan')?.state).toBe('awaiting');
    expect(world.extension(unasked.id, 'plan')).toBeUndefined();
    await revoke(asked.id);
    expect(world.extension(asked.id, 'plan')?.state).toBe('withdrawn');
    const submitted = authenticateRun(world, { runId: asked.id, tokenCode: code('123456'), by: world.mia });
    await expect(submitted).rejects.toThrowError(refusal('mfa_not_awaited'));
    // The worker had opened another before it heard.
    await world.sessionOpened(asked, { accessKeyId: 'ASIALAST', asksInMs: 0 });
    await raiseExtensions(world);
    expect(world.extension(asked.id, 'plan')?.extension).toBe(1);
  });

  test('a session of a code that was on its way is taken back, and the worker is not told of it', async () => {
    const running = await planning();
    world.advance(50 * minutes);
    await raiseExtensions(world);
    const challengeId = world.exchanging(running.id, 'plan');
    const before = (await beat(running.claimId)).notes;
    await revoke(running.id);
    await world.relay.settled();
    await world.redis.set(sessionKey(running.id, 'plan'), 'sealed');
    const expiresAt = new Date(world.clock.now().getTime() + 60 * minutes).toISOString();
    const late = { type: 'mfa_authenticated', challengeId, attempt: 0, accessKeyId: 'ASIALATE', expiresAt } as const;
    await recordWorkerReport(world, late);
    await world.relay.settled();
    expect(await world.redis.exists(sessionKey(running.id, 'plan'))).toBe(0);
    expect((await beat(running.claimId)).notes).toEqual(before);
    expect((await audited(running.id)).map(({ action }) => action)).not.toContain('run.session_extended');
  });
});

describe('a revocation is refused', () => {
  test('to members, to strangers, and by whoever comes second', async () => {
    const running = await planning();
    await expect(revoke(running.id, world.mia)).rejects.toThrowError(refusal('forbidden', 'An owner can: olga'));
    await expect(revoke(running.id, world.sam)).rejects.toThrowError(refusal('not_found'));
    expect(findPhase(world.database, running.id, 'plan')?.sessionRevokedAt).toBeNull();
    const both = await Promise.allSettled([revoke(running.id), revoke(running.id)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(revoke(running.id)).rejects.toThrowError(refusal('invalid_transition', 'was revoked by olga already'));
    expect((await audited(running.id)).filter(({ action }) => action === 'run.session_revoked')).toHaveLength(1);
  });

  test('where there is no session: before a code, without keys, and when the phase is over', async () => {
    const waiting = await world.run(await world.workspace('plans_and_applies'));
    const plain = await world.run(await world.workspace('never'));
    const { claimId } = await world.claim(plain.id, 'plan');
    const over = await planning();
    await world.finish(over.id, 'plan', over.claimId);
    for (const { id } of [waiting, plain, over]) {
      await expect(revoke(id)).rejects.toThrowError(refusal('invalid_transition', 'no phase of it has an AWS session'));
    }
    expect(requireRun(world.database, over.id).status).toBe('planned');
    await world.finish(plain.id, 'plan', claimId);
  });
});
