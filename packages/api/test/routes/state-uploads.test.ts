import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prune } from '../../src/loops/prune.ts';
import { storeStateVersion } from '../../src/services/store-state-version.ts';
import { runs } from '../../src/store/schema/runs.ts';
import { unlockWorkspace } from '../../src/store/workspace-locks.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';
import { marker, stateClient, stateFile } from '../state-files.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

const json = Buffer.from(JSON.stringify({ format_version: '1.0', values: { marker } }));

async function announced(bytes = stateFile(), change: object = {}) {
  const client = await stateClient(api);
  const version = (await client.announce(bytes, change)).data();
  return {
    ...client,
    id: version.id,
    stateUrl: version.attributes['hosted-state-upload-url'],
    jsonUrl: version.attributes['hosted-json-state-upload-url'],
    read: async () => (await client.get(`/state-versions/${version.id}`)).data(),
    current: async () => client.get(`${client.path}/current-state-version`),
  };
}

describe('a state in two steps', () => {
  test('is pending and nowhere the current one until its bytes are there, and then what they are', async () => {
    const bytes = stateFile();
    const { id, stateUrl, jsonUrl, read, current, get, put, path } = await announced(bytes);
    expect((await read()).attributes).toMatchObject({ status: 'pending', 'resources-processed': false, serial: 1 });
    expect((await current()).status).toBe(404);
    expect((await get(`${path}/state-versions`)).list()).toEqual([]);
    expect((await get(`${path}/state-versions?filter[status]=pending`)).list().map((version) => version.id)).toEqual([
      id,
    ]);

    const [state, beside] = await Promise.all([put(stateUrl, bytes), put(jsonUrl, json)]);
    expect([state.status, beside.status]).toEqual([200, 200]);
    const version = await read();
    expect(version).toEqual((await current()).data());
    expect(version).toMatchObject({
      id,
      attributes: {
        status: 'finalized',
        size: bytes.length,
        'terraform-version': '1.11.4',
        'resource-count': 1,
        'resources-processed': true,
        resources: [{ name: 'n', type: 't', count: 1, module: 'root', provider: 'p' }],
        modules: { root: { t: 1 } },
        providers: { p: { t: 1 } },
        'hosted-state-upload-url': null,
        'hosted-json-state-upload-url': null,
      },
      relationships: { 'created-by': { data: { id: api.owner.actor.userId } } },
    });
    expect((await get(String(version.attributes['hosted-state-download-url']))).text).toBe(bytes.toString());
    expect((await get(String(version.attributes['hosted-json-state-download-url']))).text).toBe(json.toString());
    expect((await get(`${path}/state-versions`)).list()).toHaveLength(1);
    expect((await get(`${path}/state-versions?filter[status]=pending`)).list()).toEqual([]);
    expect((await api.allStoredBytes()).includes(marker)).toBe(false);
  });

  test.each([
    ['the JSON before the state', true],
    ['the JSON after the state', false],
  ])('takes %s', async (_order, jsonFirst) => {
    const bytes = stateFile();
    const { stateUrl, jsonUrl, read, put } = await announced(bytes);
    const uploads = [() => put(stateUrl, bytes), () => put(jsonUrl, json)];
    for (const upload of jsonFirst ? uploads.reverse() : uploads) expect((await upload()).status).toBe(200);
    expect((await read()).attributes['hosted-json-state-download-url']).toMatch(/\/json-download$/);
  });

  test('needs no JSON, and takes none that is not one', async () => {
    const bytes = stateFile();
    const { stateUrl, jsonUrl, read, put } = await announced(bytes);
    expect(await put(jsonUrl, Buffer.from(`{"${marker}":`))).toMatchObject({ status: 422 });
    expect((await put(jsonUrl, Buffer.from(`{"${marker}":`))).text).not.toContain(marker);
    expect((await put(stateUrl, bytes)).status).toBe(200);
    expect((await read()).attributes).toMatchObject({ status: 'finalized', 'hosted-json-state-download-url': null });
  });

  test('takes the same bytes again, since an answer may get lost, and no others', async () => {
    const bytes = stateFile();
    const { stateUrl, jsonUrl, put, get, path } = await announced(bytes);
    const answers = await Promise.all([put(stateUrl, bytes), put(stateUrl, bytes), put(stateUrl, bytes)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await put(stateUrl, stateFile({ serial: 2 }))).status).toBe(409);
    for (const status of [200, 200]) expect((await put(jsonUrl, json)).status).toBe(status);
    expect((await put(jsonUrl, Buffer.from('{"format_version":"1.0"}'))).status).toBe(409);
    const [version] = (await get(`${path}/state-versions`)).list();
    expect((await get(`/state-versions/${version?.id}/download`)).text).toBe(bytes.toString());
  });

  test('that is the current state already makes no new version', async () => {
    const bytes = stateFile();
    const first = await announced(bytes);
    await first.put(first.stateUrl, bytes);
    const { id, attributes } = (await first.announce(bytes)).data();
    expect((await first.put(attributes['hosted-json-state-upload-url'], json)).status).toBe(200);
    expect((await first.put(attributes['hosted-state-upload-url'], bytes)).status).toBe(200);
    expect((await first.put(attributes['hosted-state-upload-url'], bytes)).status).toBe(200);
    expect((await first.get(`/state-versions/${id}`)).data().id).toBe(first.id);
    expect((await first.get(`${first.path}/state-versions`)).list()).toHaveLength(1);
  });

  test.each([
    ['a serial that did not rise', { serial: 5, outputs: {} }, {}, 'has 5 already'],
    ['another lineage', { serial: 9, lineage: 'other' }, {}, 'the state of something else'],
  ])('is refused at once with %s', async (_what, change, attributes, told) => {
    const client = await stateClient(api);
    await client.post(stateFile({ serial: 5 }));
    const answer = await client.announce(stateFile(change), attributes);
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.text).toContain(told);
    expect((await client.announce(stateFile(change), { force: true })).status).toBe(201);
  });

  test.each([
    ['are not those of the md5', {}, stateFile({ serial: 2 }), 422, 'md5 is not that'],
    ['have another serial', { serial: 7 }, stateFile(), 422, 'serial is not that'],
    ['have another lineage', { lineage: 'other' }, stateFile(), 422, 'lineage is not that'],
    ['are no state', { md5: '60b725f10c9c85c70d97880dfe8191b3' }, Buffer.from('a\n'), 422, 'not JSON'],
  ])('is discarded when its bytes %s', async (_what, change, bytes, status, told) => {
    const { stateUrl, jsonUrl, read, put, current } = await announced(stateFile(), change);
    await put(jsonUrl, json);
    const answer = await put(stateUrl, bytes);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(told);
    expect((await read()).attributes).toMatchObject({
      status: 'discarded',
      'error-message': expect.stringContaining(told),
      'hosted-state-upload-url': null,
    });
    // Whichever address is asked now says why.
    for (const url of [stateUrl, jsonUrl]) expect((await put(url, json)).text).toContain(told);
    expect((await current()).status).toBe(404);
    expect(await api.blobs.has(`state-json/${(await read()).id}`)).toBe(false);
  });

  test('is judged again when its bytes come: what was stored meanwhile is not undone', async () => {
    const bytes = stateFile({ serial: 2 });
    const { stateUrl, put, post, read, current } = await announced(bytes);
    await post(stateFile({ serial: 3 }));
    const answer = await put(stateUrl, bytes);
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.text).toContain('has 3 already');
    expect((await read()).attributes['status']).toBe('discarded');
    expect((await current()).data().attributes['serial']).toBe(3);
  });

  test('is refused without the lock, and when it is another person’s by then', async () => {
    const bytes = stateFile();
    const { stateUrl, put, lock, current } = await announced(bytes);
    lock(api.stranger.actor.userId);
    expect(await put(stateUrl, bytes)).toMatchObject({ status: 409 });
    expect((await current()).status).toBe(404);
    const open = await stateClient(api, { lock: false });
    expect((await open.announce(bytes)).status).toBe(409);
  });

  test('may be sent again when its connection broke', async () => {
    const bytes = stateFile({ outputs: { large: { value: 'x'.repeat(4_000_000), type: 'string' } } });
    const { stateUrl, put, read } = await announced(bytes);
    const cut = new AbortController();
    const half = new ReadableStream({
      start: (stream) => stream.enqueue(bytes.subarray(0, 1_000_000)),
    });
    const broken = fetch(String(stateUrl), { method: 'PUT', body: half, duplex: 'half', signal: cut.signal });
    cut.abort();
    await expect(broken).rejects.toThrow();
    expect((await read()).attributes['status']).toBe('pending');
    expect((await put(stateUrl, bytes)).status).toBe(200);
  });

  test('names its run where that is one of the workspace, and says that it is a snapshot', async () => {
    const client = await stateClient(api);
    const [own, foreign] = [await api.run({ workspaceId: client.workspace.id }), await api.run()];
    const runOf = async (id: string, serial: number) => {
      const bytes = stateFile({ serial });
      const relationships = { run: { data: { type: 'runs', id } } };
      const { attributes } = (await client.announce(bytes, { intermediate: true }, relationships)).data();
      await client.put(attributes['hosted-state-upload-url'], bytes);
      return await client.get(`${client.path}/current-state-version?include=run,created_by,outputs`);
    };
    const named = await runOf(own.id, 1);
    expect(named.data()).toMatchObject({
      attributes: { intermediate: true, status: 'finalized' },
      relationships: { run: { data: { id: own.id } } },
    });
    expect(
      named
        .included()
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['runs', 'state-version-outputs', 'state-version-outputs', 'users']);
    expect(named.text).not.toContain(marker);
    expect((await runOf(foreign.id, 2)).data()).toMatchObject({ relationships: { run: { data: null } } });
  });

  test('comes with what belongs to its run where that is asked for, and with nothing unknown', async () => {
    const client = await stateClient(api);
    const run = await api.run({ workspaceId: client.workspace.id });
    api.database.update(runs).set({ createdBy: api.owner.actor.userId }).where(eq(runs.id, run.id)).run();
    const bytes = stateFile();
    const { attributes } = (await client.announce(bytes, {}, { run: { data: { type: 'runs', id: run.id } } })).data();
    await client.put(attributes['hosted-state-upload-url'], bytes);
    const current = `${client.path}/current-state-version`;
    const answer = await client.get(`${current}?include=run.created_by,run.configuration_version`);
    expect(answer.included().map(({ type }) => type)).toEqual(['runs', 'users', 'configuration-versions']);
    expect((await client.get(`${current}?include=run.created_by`)).included()[1]?.id).toBe(api.owner.actor.userId);
    const refused = await client.get(`${current}?include=everything`);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('include parameter')]);
  });

  test('of a person that names a run is not that run’s own to write over', async () => {
    const client = await stateClient(api);
    const run = await api.run({ workspaceId: client.workspace.id, phase: 'apply' });
    const bytes = stateFile({ serial: 4 });
    const relationships = { run: { data: { type: 'runs', id: run.id } } };
    const { attributes } = (await client.announce(bytes, {}, relationships)).data();
    await client.put(attributes['hosted-state-upload-url'], bytes);
    const late = stateFile({ serial: 4, outputs: {} });
    const writer = { kind: 'run', runId: run.id } as const;
    const store = storeStateVersion(api, { workspaceId: client.workspace.id, bytes: late, writer, createdBy: null });
    await expect(store).rejects.toMatchObject({ code: 'state_invalid' });
  });
});

describe('the upload addresses of a state', () => {
  test('are for one version and one thing, and end', async () => {
    const bytes = stateFile();
    const { stateUrl, jsonUrl, put } = await announced(bytes);
    const capability = String(stateUrl).split('/').at(-1) ?? '';
    expect(capability.length).toBeLessThan(100);
    const crossed = String(jsonUrl).replace(/[^/]+$/, capability);
    const forged = String(stateUrl).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const url of [crossed, forged]) expect((await put(url, bytes)).status).toBe(404);
    api.advance(4 * 3_600_000);
    expect((await put(stateUrl, bytes)).status).toBe(404);
  });

  test('take no state over the limit', async () => {
    const { stateUrl, jsonUrl, read } = await announced();
    for (const url of [jsonUrl, stateUrl]) {
      // Ends by itself: a client that goes on for ever would fill the memory where the refusal does not reach it.
      let mebibytes = 0;
      const large = new ReadableStream({
        pull: (stream) => (mebibytes++ < 300 ? stream.enqueue(new Uint8Array(1024 * 1024)) : stream.close()),
      });
      const sent = await fetch(String(url), { method: 'PUT', body: large, duplex: 'half' }).catch(() => undefined);
      // The api ends the connection, which some clients see before the answer.
      if (sent !== undefined) expect(sent.status).toBe(413);
    }
    expect((await read()).attributes).toMatchObject({ status: 'discarded' });
  });
});

test('every answer about a state allows snapshots, also the one that there is none', async () => {
  const bytes = stateFile();
  const { id, stateUrl, put, get, path } = await announced(bytes);
  const answers = [
    await get(`${path}/current-state-version`),
    await put(stateUrl, bytes),
    await get(`/state-versions/${id}`),
    await get(`${path}/current-state-version`),
  ];
  expect(answers.map(({ headers }) => headers.get('x-terraform-snapshot-interval'))).toEqual(['20', '20', '20', '20']);
  expect(answers[0]?.headers.get('content-type')).toContain('application/vnd.api+json');
});

describe('a lock under which a state was announced', () => {
  const unlock = (workspaceId: string, force: boolean, at: Date) =>
    unlockWorkspace(api.database, api.owner.actor, workspaceId, { force }, at);

  test('stays while the state may be on its way, in the words by which go-tfe asks again', async () => {
    const bytes = stateFile();
    const { workspace, stateUrl, put } = await announced(bytes);
    await expect(unlock(workspace.id, false, api.clock.now())).rejects.toMatchObject({
      code: 'state_pending',
      message: expect.stringContaining('latest state version is still pending'),
    });
    expect((await put(stateUrl, bytes)).status).toBe(200);
    await unlock(workspace.id, false, api.clock.now());
  });

  test.each([
    ['goes when the state never came', false, 31_000],
    ['goes by force', true, 0],
  ])('%s, and the state comes too late', async (_what, force, afterMs) => {
    const bytes = stateFile();
    const { workspace, stateUrl, put, read, current } = await announced(bytes);
    await unlock(workspace.id, force, new Date(api.clock.now().getTime() + afterMs));
    expect((await read()).attributes).toMatchObject({ status: 'discarded' });
    expect((await put(stateUrl, bytes)).text).toContain('unlocked before the state came');
    expect((await current()).status).toBe(404);
  });
});

test('what was announced and never came is forgotten after a day, with its JSON', async () => {
  const { id, jsonUrl, put, get } = await announced();
  await put(jsonUrl, json);
  await prune(api);
  expect((await get(`/state-versions/${id}`)).status).toBe(200);
  api.advance(25 * 3_600_000);
  await prune(api);
  expect((await get(`/state-versions/${id}`)).status).toBe(404);
  expect(await api.blobs.has(`state-json/${id}`)).toBe(false);
});
