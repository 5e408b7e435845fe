import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobKeys } from '../../src/blobs/blob-store.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { finished, runStage, tfeClient } from '../tfe-requests.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stranger: Person;
let stage: ReturnType<typeof runStage>;
beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('acme', { owner, member });
  stage = runStage(api, owner);
});
afterAll(() => api.close());

const tfe = (who = owner) => tfeClient(api, who);

async function archive(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'main.tf' }, '# kept');
  tar.finalize();
  return buffer(tar.pipe(createGzip()));
}

/** A workspace with an older configuration that was really uploaded; with `newer` another one is current. */
async function setup(more: { newer?: boolean } = {}) {
  const made = await api.as(owner).post('/organizations/acme/workspaces', { name: `cv-${crypto.randomUUID()}` });
  const workspaceId = made.data().id;
  const path = `/workspaces/${workspaceId}/configuration-versions`;
  const version = (await api.as(member).post(path, { 'auto-queue-runs': false })).data();
  const url = new URL(String(version.attributes['upload-url'])).pathname;
  const headers = { 'content-type': 'application/octet-stream' };
  expect((await api.ask({ method: 'PUT', url, headers, payload: await archive() })).status).toBe(200);
  api.advance(1000);
  if (more.newer !== false) stage.configuration(workspaceId);
  return { workspaceId, cv: version.id, path };
}

const read = async (cv: string) =>
  (await tfe(member).get(`/configuration-versions/${cv}?include=ingress_attributes`)).data();
const act = (cv: string, who = owner) => tfe(who).post(`/configuration-versions/${cv}/actions/archive`, '');

describe('configuration versions of a workspace', () => {
  test('are listed newest first, by page', async () => {
    const { workspaceId, cv, path } = await setup();
    const newest = stage.configuration(workspaceId);
    const list = await tfe(member).get(`${path}?page[size]=2&include=ingress_attributes`);
    expect(list.list().map(({ id }) => id)).toEqual([newest, expect.any(String)]);
    expect(JSON.parse(list.text).meta.pagination).toMatchObject({ 'total-count': 3, 'next-page': 2 });
    expect((await tfe(member).get(`${path}?page[size]=2&page[number]=2`)).list().map(({ id }) => id)).toEqual([cv]);
    expect((await tfe(stranger).get(path)).status).toBe(404);
    expect((await tfe(member).get(`${path}?include=secrets`)).status).toBe(400);
  });
});

describe('an archived configuration version', () => {
  test('stays, without its files: there is nothing to download any more, and nothing to run', async () => {
    const { workspaceId, cv } = await setup();
    const run = (await stage.post(member, workspaceId, {}, cv)).data().id;
    await stage.work(run, 'plan', finished(false));
    const download = await tfe(member).get(`/runs/${run}/configuration-version/download`);
    expect([download.status, download.headers['content-type']]).toEqual([200, 'application/gzip']);
    expect((await act(cv)).status).toBe(202);
    const archived = await read(cv);
    expect(archived.attributes).toMatchObject({
      status: 'archived',
      'status-timestamps': {
        'archived-at': api.clock.now().toISOString(),
        'uploaded-at': expect.stringMatching(/Z$/),
        'queued-at': expect.stringMatching(/Z$/),
        'started-at': expect.stringMatching(/Z$/),
        'finished-at': expect.stringMatching(/Z$/),
      },
    });
    expect(await api.parts.blobs.has(blobKeys.configuration(cv))).toBe(false);
    for (const path of [`/configuration-versions/${cv}/download`, `/runs/${run}/configuration-version/download`]) {
      const answer = await tfe(member).get(path);
      expect([answer.status, answer.errors()[0]?.detail]).toEqual([404, expect.stringContaining('was archived')]);
    }
    const again = await stage.post(member, workspaceId, {}, cv);
    expect(again.errors()[0]?.code).toBe('configuration_missing');
    // A second time is no error: the first may have died before the files were gone.
    expect((await act(cv)).status).toBe(202);
    const audit = await api
      .as(owner)
      .get('/organizations/acme/audit-records?filter[action]=configuration_version.archived');
    expect(audit.list().filter(({ attributes }) => attributes['target-id'] === cv)).toHaveLength(1);
  });

  test('was not the current one, nor awaited, nor used by a run that is not over', async () => {
    const current = await setup({ newer: false });
    const refused = await act(current.cv);
    expect(refused.errors()[0]).toMatchObject({
      status: '409',
      detail: 'transition not allowed: configuration could not be archived because it is current.',
    });
    const { cv, workspaceId, path } = await setup();
    const run = (await stage.post(member, workspaceId, {}, cv)).data().id;
    const used = await act(cv);
    expect([used.status, used.errors()[0]?.detail]).toEqual([409, expect.stringContaining(run)]);
    await tfe().post(`/runs/${run}/actions/cancel`, {});
    expect((await act(cv)).status).toBe(202);
    const pending = (await api.as(member).post(path, { 'auto-queue-runs': false })).data();
    expect((await act(pending.id)).status).toBe(409);
    expect((await read(current.cv)).attributes['status']).toBe('uploaded');
  });

  test('was archived by an owner', async () => {
    const { cv, workspaceId } = await setup();
    expect((await act(cv, member)).status).toBe(403);
    expect((await act(cv, stranger)).status).toBe(404);
    const run = (await stage.post(member, workspaceId, {}, cv)).data().id;
    expect((await tfe(stranger).get(`/runs/${run}/configuration-version/download`)).status).toBe(404);
  });
});
