import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeStateVersion } from '../../src/services/store-state-version.ts';
import { stateVersionOutputs, stateVersions, workspaces } from '../../src/store/schema/workspaces.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';
import { marker, stateClient, stateFile } from '../state-files.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

const setup = (options: { lock?: boolean } = {}) => stateClient(api, options);

describe('a state version', () => {
  test('is uploaded by who holds the lock, and read as go-tfe reads it', async () => {
    const { get, path, post, workspace } = await setup();
    expect((await get(`${path}/current-state-version`)).status).toBe(404);
    const bytes = stateFile();
    expect((await post(bytes, { 'json-state-outputs': 'e30=' })).status).toBe(201);
    const current = (await get(`${path}/current-state-version`)).data();
    expect(current).toMatchObject({
      type: 'state-versions',
      attributes: {
        serial: 1,
        lineage: 'lineage-1',
        status: 'finalized',
        'state-version': 4,
        'terraform-version': '1.11.4',
        'resources-processed': true,
        'resource-count': 1,
        'created-at': expect.stringMatching(/Z$/),
      },
      relationships: { workspace: { data: { id: workspace.id } }, run: { data: null } },
    });
    const download = String(current.attributes['hosted-state-download-url']);
    const answer = await fetch(download, { headers: api.owner.headers });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(download)).status).toBe(401);
    expect((await fetch(download, { headers: api.stranger.headers })).status).toBe(404);
  });

  test('lies sealed, in the folder and in the database', async () => {
    const { post } = await setup();
    await post(stateFile());
    expect((await api.allStoredBytes()).includes(marker)).toBe(false);
    const rows = [stateVersions, stateVersionOutputs].flatMap((table) => api.database.select().from(table).all());
    expect(rows).not.toHaveLength(0);
    expect(JSON.stringify(rows)).not.toContain(marker);
  });

  test('that is the current one again makes no new version', async () => {
    const { get, path, post } = await setup();
    await post(stateFile());
    const again = await post(stateFile());
    expect(again.status).toBe(201);
    expect((await get(`${path}/state-versions`)).list()).toHaveLength(1);
  });

  test('are listed newest first, by the id of the workspace and by its name', async () => {
    const { get, path, post, workspace } = await setup();
    for (const serial of [1, 2, 3]) await post(stateFile({ serial }));
    const byName = `/state-versions?filter[workspace][name]=${workspace.name}&filter[organization][name]=${workspace.organization}`;
    for (const list of [`${path}/state-versions?`, byName]) {
      expect((await get(list)).list().map(({ attributes }) => attributes['serial'])).toEqual([3, 2, 1]);
      expect((await get(`${list}&page[size]=2&page[number]=2`)).list().map((v) => v.attributes['serial'])).toEqual([1]);
    }
  });

  test.each([
    ['with a serial that did not rise', { serial: 5, outputs: {} }, {}, 422, 'state_invalid'],
    ['with a lower serial', { serial: 4 }, {}, 422, 'state_invalid'],
    ['of another lineage', { serial: 9, lineage: 'other' }, {}, 422, 'state_invalid'],
    ['with a lower serial, by force', { serial: 4 }, { force: true }, 201, ''],
    ['of another lineage, by force', { serial: 9, lineage: 'other' }, { force: true }, 201, ''],
    ['of another version', { serial: 9, version: 3 }, {}, 422, 'state_invalid'],
    ['with an md5 that is not its own', { serial: 9 }, { md5: '0'.repeat(32) }, 422, '/data/attributes/md5'],
    ['with a serial that is not its own', { serial: 9 }, { serial: 10 }, 422, '/data/attributes/serial'],
    ['with a lineage that is not its own', { serial: 9 }, { lineage: 'x' }, 422, '/data/attributes/lineage'],
    ['that is not base64', { serial: 9 }, { state: '%%%' }, 422, '/data/attributes/state'],
    ['with a field that does not exist', { serial: 9 }, { stat: 'x' }, 422, '/data/attributes/stat'],
  ])('%s', async (_what, change, attributes, status, told) => {
    const { get, path, post } = await setup();
    await post(stateFile({ serial: 5 }));
    const answer = await post(stateFile(change), attributes);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(told);
    expect(answer.text).not.toContain(marker);
    expect((await get(`${path}/state-versions`)).list()).toHaveLength(status === 201 ? 2 : 1);
  });

  test('is refused from who has not locked the workspace, and from who is no member', async () => {
    const { post, workspace } = await setup({ lock: false });
    expect((await post(stateFile())).status).toBe(409);
    api.database
      .update(workspaces)
      .set({ lockedBy: api.stranger.actor.userId })
      .where(eq(workspaces.id, workspace.id))
      .run();
    expect((await post(stateFile())).text).toContain('locked by somebody else');
    expect((await post(stateFile(), {}, api.stranger.headers)).status).toBe(404);
    expect(await api.blobs.has(`states/${workspace.id}`)).toBe(false);
  });

  test('that lost the race is told so, and leaves no bytes behind', async () => {
    const { workspace } = await setup();
    const run = await api.run({ workspaceId: workspace.id, phase: 'apply' });
    const store = (serial: number) =>
      storeStateVersion(api, {
        workspaceId: workspace.id,
        bytes: stateFile({ serial, outputs: { n: { value: randomBytes(9).toString('hex'), type: 'string' } } }),
        writer: { kind: 'person', force: false },
        createdBy: api.owner.actor.userId,
      });
    expect(run.workspaceId).toBe(workspace.id);
    const results = await Promise.allSettled([store(2), store(2), store(2)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'state_invalid' });
    }
  });

  test('of another organization, and its outputs, are not there', async () => {
    const { get, path, post, workspace } = await setup();
    await post(stateFile());
    const { id } = (await get(`${path}/current-state-version`)).data();
    const [output] = (await get(`/state-versions/${id}/outputs`)).list();
    for (const address of [
      `${path}/current-state-version`,
      `${path}/state-versions`,
      `${path}/current-state-version-outputs`,
      `/state-versions/${id}`,
      `/state-versions/${id}/download`,
      `/state-versions/${id}/outputs`,
      `/state-version-outputs/${output?.id}`,
      `/state-versions?filter[workspace][name]=${workspace.name}&filter[organization][name]=${workspace.organization}`,
    ]) {
      const answer = await get(address, api.stranger.headers);
      expect({ address, status: answer.status }).toEqual({ address, status: 404 });
      expect(answer.text).not.toContain(marker);
      expect((await get(address)).status).toBe(200);
    }
  });
});

describe('the outputs of a state', () => {
  test('have their types, and a sensitive value only where it is read by itself', async () => {
    const { get, path, post } = await setup();
    await post(stateFile());
    const list = await get(`${path}/current-state-version-outputs`);
    expect(list.text).not.toContain(marker);
    const [password, plain] = list.list();
    expect(plain?.attributes).toEqual({
      name: 'plain',
      sensitive: false,
      type: 'array',
      'detailed-type': ['tuple', ['string', 'number']],
      value: ['a', 1],
    });
    expect(password?.attributes).toMatchObject({ name: 'password', sensitive: true, type: 'string', value: null });
    const single = (await get(`/state-version-outputs/${password?.id}`)).data();
    expect(single.attributes['value']).toBe(marker);
  });
});
