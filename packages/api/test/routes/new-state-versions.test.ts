import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/store/database.ts';
import { insertMembership } from '../../src/store/memberships.ts';
import { auditRecords } from '../../src/store/schema/identity.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';
import { stateClient, stateFile } from '../state-files.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

const large = '12345678901234567890123';
const withLargeNumber = (change: object) =>
  Buffer.from(
    stateFile({ ...change, check_results: 'LARGE' })
      .toString()
      .replace('"LARGE"', large),
  );

async function setup() {
  const client = await stateClient(api);
  const first = withLargeNumber({ serial: 1 });
  await client.post(first, { 'json-state': Buffer.from('{"format_version":"1.0"}').toString('base64') });
  await client.post(stateFile({ serial: 7, outputs: {} }));
  const list = (await client.get(`${client.path}/state-versions`)).list();
  const [second, older] = list;
  if (second === undefined || older === undefined) throw new Error('Two versions were stored.');
  const rollBack = (id: string, headers?: Record<string, string>) => {
    const relationships = { 'rollback-state-version': { data: { type: 'state-versions', id } } };
    return client.send(
      'PATCH',
      `${client.path}/state-versions`,
      { data: { type: 'state-versions', relationships } },
      headers,
    );
  };
  return { ...client, first, older, second, rollBack };
}

describe('a rollback', () => {
  test('brings the older content back as a newer version, to the byte but for its serial', async () => {
    const { first, older, rollBack, get, path } = await setup();
    const answer = await rollBack(older.id);
    expect(answer.status).toBe(200);
    const version = answer.data();
    expect(version).toMatchObject({
      attributes: { serial: 8, lineage: 'lineage-1', status: 'finalized', 'resource-count': 1 },
      relationships: { 'rollback-state-version': { data: { type: 'state-versions', id: older.id } } },
    });
    expect((await get(`${path}/current-state-version`)).data().id).toBe(version.id);
    const restored = await get(`/state-versions/${version.id}/download`);
    expect(restored.text).toBe(first.toString().replace('"serial": 1,', '"serial": 8,'));
    expect(restored.text).toContain(large);
    expect((await get(`/state-versions/${version.id}/json-download`)).text).toBe('{"format_version":"1.0"}');
    expect((await get(`/state-versions/${version.id}/outputs`)).list()).toHaveLength(2);
  });

  test('is audited, as uploads are', async () => {
    const { older, rollBack, workspace } = await setup();
    await rollBack(older.id);
    const records = api.database.select().from(auditRecords).all();
    const ofStates = records.filter(
      ({ action, details }) => action.startsWith('state_version.') && JSON.stringify(details).includes(workspace.name),
    );
    expect(ofStates.map(({ action, actorName, details }) => ({ action, actorName, details }))).toEqual([
      {
        action: 'state_version.uploaded',
        actorName: 'olga',
        details: { workspace: workspace.name, serial: 1, force: false },
      },
      {
        action: 'state_version.uploaded',
        actorName: 'olga',
        details: { workspace: workspace.name, serial: 7, force: false },
      },
      {
        action: 'state_version.rolled_back',
        actorName: 'olga',
        details: { workspace: workspace.name, serial: 8, to: older.id },
      },
    ]);
  });

  test('brings back what somebody pushed another lineage over', async () => {
    const { post, older, rollBack } = await setup();
    await post(stateFile({ serial: 2, lineage: 'wrong' }), { force: true });
    expect((await rollBack(older.id)).data().attributes).toMatchObject({ serial: 3, lineage: 'lineage-1' });
  });

  test('knows no version of another workspace, nor one that is none', async () => {
    const [mine, other] = [await setup(), await setup()];
    for (const id of [other.older.id, 'sv-nothing']) expect((await mine.rollBack(id)).status).toBe(404);
    expect((await mine.rollBack(mine.older.id, api.stranger.headers)).status).toBe(404);
  });

  test('needs the lock, and an owner', async () => {
    const { rollBack, older, lock, workspace } = await setup();
    lock(null);
    expect((await rollBack(older.id)).status).toBe(409);
    const { actor } = api.stranger;
    inTransaction(api.database, (transaction) =>
      insertMembership(
        transaction,
        api.owner.actor,
        { organization: workspace.organization, user: actor, role: 'member' },
        api.clock.now(),
      ),
    );
    lock(actor.userId);
    const answer = await rollBack(older.id, api.stranger.headers);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('An owner can: olga');
  });
});
