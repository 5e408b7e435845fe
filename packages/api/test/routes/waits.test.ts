import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageWorld, serial, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

const waits = async (who: { get: PageWorld['mia']['get'] }) => (await who.get('/mfa-challenges?scope=mine')).list();

test('what waits for me is listed across my organizations, oldest first, with all that a row shows', async () => {
  const planned = await world.workspace('applies_only');
  const first = await world.run(planned, { message: 'raise NAT count', source: 'terraform+cloud' });
  await world.work(first.id, 'plan', { destroys: 3 });
  world.advance(1000);
  const second = await world.run(await world.workspace('plans_and_applies'));
  world.advance(1000);
  const decision = await world.run(await world.workspace('never'));
  await world.work(decision.id, 'plan');
  await world.run(await world.workspace('plans_and_applies', { organization: 'other' }));
  const free = await world.run(await world.workspace('never'));
  expect(free.attributes['gatehouse-status']).toBe('plan_queued');

  const list = await waits(world.mia);
  expect(list.map(({ id }) => id)).toEqual([first.id, second.id, decision.id]);
  expect(list[0]).toMatchObject({
    type: 'waits',
    attributes: {
      kind: 'code',
      phase: 'apply',
      'deadline-at': null,
      organization: 'acme',
      'workspace-name': planned.name,
      'run-message': 'raise NAT count',
      'run-source': 'terraform+cloud',
      'run-created-by': 'mia',
      'plan-counts': { additions: 2, changes: 1, destructions: 3, imports: 0 },
      destroys: true,
      'who-may-authenticate': ['mia', 'olga'],
      mfa: { state: 'awaiting', device: { label: '…9012:mfa/ops-alice', 'code-spent-until': null } },
    },
  });
  expect(list[1]?.attributes).toMatchObject({ kind: 'code', phase: 'plan', 'plan-counts': null, destroys: false });
  expect(list[2]?.attributes).toMatchObject({ kind: 'decision', phase: 'apply', mfa: null });
  expect((await waits(world.sam)).map(({ attributes }) => attributes['organization'])).toEqual(['other']);
  expect(await waits(world.anna)).toEqual([]);
  const answer = await world.mia.get('/mfa-challenges?scope=mine&page[size]=1');
  expect(JSON.parse(answer.text).meta).toMatchObject({
    'server-now': world.clock.now().toISOString(),
    pagination: { 'total-count': 3 },
  });
  expect(answer.text).not.toContain(serial);
});

describe('a run', () => {
  test('says until when the codes of its device are spent, by whom and for what', async () => {
    const [one, two] = [await world.workspace('plans_and_applies'), await world.workspace('plans_and_applies')];
    const released = await world.run(one);
    const waiting = await world.run(two);
    await world.parts.relay.settled();
    const { fingerprint } = { fingerprint: 'f' };
    const { inTransaction } = await import('../../src/store/database.ts');
    const { recordSpentCode } = await import('../../src/store/exchanges.ts');
    const at = world.clock.now();
    inTransaction(world.database, (transaction) =>
      recordSpentCode(transaction, {
        mfaSerial: serial,
        fingerprint,
        by: 'olga',
        runId: released.id,
        at,
        forgetBefore: new Date(0),
      }),
    );
    const device = async (who = world.mia) => {
      const { mfa } = (await who.get(`/runs/${waiting.id}`)).data().attributes;
      return (mfa as { device: Record<string, unknown> }).device; // The answer's own schema has checked it.
    };
    const stepEnd = new Date(Math.floor(at.getTime() / 30_000) * 30_000 + 30_000);
    expect(await device()).toMatchObject({
      'code-spent-until': stepEnd.toISOString(),
      'code-spent-by': 'olga',
      'code-spent-for': one.name,
      'code-spent-run-id': released.id,
    });
    // Of another organization only the time is told.
    const theirs = await world.run(await world.workspace('plans_and_applies', { organization: 'other' }));
    const { mfa } = (await world.sam.get(`/runs/${theirs.id}`)).data().attributes;
    expect(mfa).toMatchObject({
      device: { 'code-spent-until': stepEnd.toISOString(), 'code-spent-by': null, 'code-spent-for': null },
    });

    world.advance(stepEnd.getTime() - at.getTime());
    expect(await device()).toMatchObject({ 'code-spent-until': null, 'code-spent-by': null });
  });

  test('that waits for its turn says behind which run, and one whose turn it is does not', async () => {
    const workspace = await world.workspace('never');
    const holder = await world.run(workspace);
    const next = await world.run(workspace);
    const last = await world.run(workspace);
    const place = async (id: string) => (await world.mia.get(`/runs/${id}`)).data().attributes;
    expect(await place(holder.id)).toMatchObject({ 'queue-position': null, 'behind-run-id': null });
    expect(await place(next.id)).toMatchObject({ 'queue-position': 1, 'behind-run-id': holder.id });
    expect(await place(last.id)).toMatchObject({ 'queue-position': 2, 'behind-run-id': next.id });
    const listed = (await world.mia.get(`/workspaces/${workspace.id}/runs`)).list();
    expect(listed.map(({ attributes }) => attributes['behind-run-id'])).toEqual([next.id, holder.id, null]);
  });

  test('tells its history item by item', async () => {
    const run = await world.run(await world.workspace('never'));
    await world.mia.post(`/runs/${run.id}/actions/cancel`, { comment: 'wrong branch' });
    const events = (await world.mia.get(`/runs/${run.id}/run-events`)).list();
    expect(events.map(({ attributes: { event, by, from, to, reason } }) => ({ event, by, from, to, reason }))).toEqual([
      { event: 'created', by: 'mia', from: null, to: 'pending', reason: null },
      { event: 'planReleased', by: 'gatehouse', from: 'pending', to: 'plan_queued', reason: null },
      { event: 'canceled', by: 'mia', from: 'plan_queued', to: 'canceled', reason: 'wrong branch' },
    ]);
  });
});
