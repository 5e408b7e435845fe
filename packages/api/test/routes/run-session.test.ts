import { isTerminal } from '@gatehouse/shared/run-status';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raiseExtensions } from '../../src/loops/raise-extensions.ts';
import { claimPhase } from '../../src/services/claim-phase.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { requireRun } from '../../src/store/runs.ts';
import { challenges } from '../../src/store/schema/challenges.ts';
import { runs } from '../../src/store/schema/runs.ts';
import { type PageWorld, serial, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

const roleArn = 'arn:aws:iam::123456789012:role/deploy';
const after = (ms: number) => new Date(world.clock.now().getTime() + ms).toISOString();
const shown = async (id: string, who = world.mia) => (await who.get(`/runs/${id}`)).data().attributes;
const revoke = (id: string, who = world.olga, body: object = {}) =>
  who.post(`/runs/${id}/actions/revoke-session`, body);

/** A run whose apply is queued with the session of a code. */
async function queued(more: { roleArn?: string } = {}) {
  const run = await world.run(await world.workspace('applies_only'));
  world.database
    .update(runs)
    .set(more.roleArn ? more : { roleArn: null })
    .where(eq(runs.id, run.id))
    .run();
  await world.work(run.id, 'plan');
  // As if mia had given a code that a worker has in hand.
  const submitted = world.mia.post(`/runs/${run.id}/actions/authenticate`, { 'token-code': String(nextCode++) });
  const ofRun = eq(challenges.runId, run.id);
  await expect.poll(() => world.database.select().from(challenges).where(ofRun).get()?.state).toBe('exchanging');
  await world.accept(run.id, 'apply');
  expect((await submitted).status).toBe(200);
  return run.id;
}
let nextCode = 400_000;

async function applying(more: { roleArn?: string } = {}) {
  const runId = await queued(more);
  const { claimId } = await claimPhase(world.parts, { runId, phase: 'apply', workerId: 'worker-1' });
  const phase = { type: 'session_opened', runId, phase: 'apply', claimId } as const;
  const times = { expiresAt: after(3_600_000), stopsAt: after(3_540_000), asksAt: after(3_000_000) };
  await recordWorkerReport(world.parts, { ...phase, accessKeyId: 'ASIARUNNING', ...times });
  return { runId, claimId, ...times };
}

describe('the session of a run', () => {
  test('is null before there is one, then that of the phase in hand, and stays to be read', async () => {
    const waiting = await world.run(await world.workspace('plans_and_applies'));
    expect(await shown(waiting.id)).toMatchObject({ session: null, actions: { 'is-session-revocable': false } });
    const released = await queued();
    expect(await shown(released)).toMatchObject({
      session: {
        phase: 'apply',
        'access-key-id': 'ASIATEST',
        'expires-at': expect.any(String),
        'stops-at': null,
        'is-extendable': true,
        'revoked-at': null,
        'revoked-by': null,
        revocation: null,
      },
      actions: { 'is-session-revocable': true },
      permissions: { 'can-revoke-session': false },
    });
    expect(await shown(released, world.olga)).toMatchObject({ permissions: { 'can-revoke-session': true } });
    const { runId, claimId, expiresAt, stopsAt } = await applying();
    const session = { 'access-key-id': 'ASIARUNNING', 'expires-at': expiresAt, 'stops-at': stopsAt };
    expect(await shown(runId)).toMatchObject({ session });
    await recordWorkerReport(world.parts, {
      type: 'phase_finished',
      runId,
      phase: 'apply',
      claimId,
      outcome: { kind: 'failed', reason: 'session_expired', message: '3 done, 2 left: aws_eip.nat.' },
    });
    expect(await shown(runId)).toMatchObject({
      session: { ...session, 'is-extendable': false },
      actions: { 'is-session-revocable': false },
      'end-reason': 'session_expired',
      'end-message': '3 done, 2 left: aws_eip.nat.',
    });
  });

  test('that is to be extended shows as a wait for a code, on the run, its apply and the list', async () => {
    const { runId, stopsAt } = await applying();
    expect(await shown(runId)).toMatchObject({ mfa: { purpose: 'start', state: 'authenticated' } });
    world.advance(3_000_000);
    await raiseExtensions(world.parts);
    const mfa = { purpose: 'extend', phase: 'apply', state: 'awaiting', 'deadline-at': stopsAt };
    const run = await world.mia.get(`/runs/${runId}?include=apply`);
    expect(run.data().attributes).toMatchObject({
      status: 'applying',
      mfa,
      actions: { 'is-authenticatable': true },
      'who-may-authenticate': ['mia', 'olga'],
    });
    expect(JSON.parse(run.text).included).toMatchObject([{ type: 'applies', attributes: { status: 'running', mfa } }]);
    const waits = (await world.mia.get('/mfa-challenges')).list().filter(({ id }) => id === runId);
    expect(waits).toMatchObject([{ attributes: { kind: 'code', phase: 'apply', status: 'applying', mfa } }]);
    const listed = (await world.mia.get('/organizations/acme/mfa-challenges?page[size]=100')).list();
    expect(listed.filter(({ attributes }) => attributes['run-status'] === 'applying')).toMatchObject([
      { attributes: mfa },
    ]);
    expect(run.text).not.toContain(serial);
    await revoke(runId);
    expect(await shown(runId)).toMatchObject({ mfa: { purpose: 'start' }, actions: { 'is-authenticatable': false } });
    expect((await world.mia.get('/mfa-challenges')).list().map(({ id }) => id)).not.toContain(runId);
  });
});

describe('POST /runs/:id/actions/revoke-session', () => {
  test('by an owner answers 202; the run then shows what makes AWS refuse the session too', async () => {
    const [{ runId }, plain] = [await applying({ roleArn }), await applying()];
    expect((await revoke(runId, world.olga, { comment: 'stolen' })).status).toBe(202);
    expect((await revoke(plain.runId)).status).toBe(202);
    const revokedAt = world.clock.now().toISOString();
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Action: ['*'],
          Resource: ['*'],
          Condition: { DateLessThan: { 'aws:TokenIssueTime': revokedAt } },
        },
      ],
    };
    const { session } = await shown(runId);
    expect(session).toMatchObject({
      'is-extendable': false,
      'revoked-at': revokedAt,
      'revoked-by': 'olga',
      revocation: { 'attach-to': roleArn, kind: 'role', policy },
    });
    expect(await shown(plain.runId)).toMatchObject({
      session: { revocation: { 'attach-to': expect.stringContaining('AWS_ACCESS_KEY_ID'), kind: 'user', policy } },
      actions: { 'is-session-revocable': false },
    });
    expect((await world.mia.get(`/runs/${runId}/comments`)).list()).toMatchObject([{ attributes: { body: 'stolen' } }]);
    const audit = await world.olga.get('/organizations/acme/audit-records?filter[action]=run.session_revoked');
    expect(audit.list().map(({ attributes }) => attributes['target-id'])).toEqual(
      expect.arrayContaining([runId, plain.runId]),
    );
  });

  test('of a queued phase ends the run, which says so', async () => {
    const id = await queued();
    expect((await revoke(id)).status).toBe(202);
    expect(isTerminal(requireRun(world.database, id).status)).toBe(true);
    expect(await shown(id)).toMatchObject({
      status: 'errored',
      'end-reason': 'session_revoked',
      'end-message': 'An owner revoked the AWS session before the phase started. Nothing of it ran.',
      session: { 'revoked-by': 'olga' },
    });
  });

  test('is for owners, and of runs that have a session', async () => {
    const { runId } = await applying();
    const refused = await revoke(runId, world.mia);
    expect([refused.status, refused.errors()[0]?.detail]).toEqual([403, expect.stringContaining('An owner can: olga')]);
    expect((await revoke(runId, world.sam)).status).toBe(404);
    expect((await revoke('run-none')).status).toBe(404);
    expect((await revoke(runId)).status).toBe(202);
    const again = await revoke(runId);
    expect([again.status, again.errors()[0]?.code]).toEqual([409, 'invalid_transition']);
    const waiting = await world.run(await world.workspace('plans_and_applies'));
    expect((await revoke(waiting.id)).status).toBe(409);
  });
});
