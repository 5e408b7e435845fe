import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runs } from '../../src/store/schema/runs.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let owner: Person;

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  await api.organization('acme', { owner });
});
afterAll(() => api.close());

const keys = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
  AWS_MFA_SERIAL_NUMBER: 'x',
};

let counter = 0;
async function setup(attributes: object = {}) {
  const name = `ws-${++counter}`;
  const as = api.as(owner);
  const workspace = (await as.post('/organizations/acme/workspaces', { name, ...attributes })).data();
  const path = `/workspaces/${workspace.id}`;
  for (const [key, value] of Object.entries(keys)) {
    await as.post(`${path}/vars`, { key, value, category: 'env', sensitive: true });
  }
  async function upload(version: object) {
    const made = (await as.post(`${path}/configuration-versions`, version)).data();
    const tar = pack();
    tar.entry({ name: 'main.tf' }, '# nothing');
    tar.finalize();
    const url = String(made.attributes['upload-url']).replace('http://gatehouse.test', '');
    await api.ask({ method: 'PUT', url, payload: await buffer(tar.pipe(createGzip())) });
    return made.id;
  }
  const queueRun = (more: object = {}) =>
    api.ask({
      method: 'POST',
      url: '/api/v2/runs',
      headers: { authorization: `Bearer ${owner.token}` },
      payload: { data: { attributes: more, relationships: { workspace: { data: { id: workspace.id } } } } },
    });
  return { as, name, workspace, path, upload, queueRun };
}

describe('execution mode local', () => {
  test('is told by operations, which go-tfe had before it', async () => {
    const { workspace, as, path } = await setup({ 'execution-mode': 'local' });
    expect(workspace.attributes).toMatchObject({ 'execution-mode': 'local', operations: false });
    const remote = await as.patch(path, { operations: true });
    expect(remote.data().attributes).toMatchObject({ 'execution-mode': 'remote', operations: true });
    const both = await as.patch(path, { operations: true, 'execution-mode': 'local' });
    expect(both.data().attributes).toMatchObject({ 'execution-mode': 'local', operations: false });
    expect((await as.patch(path, { 'execution-mode': 'agent' })).status).toBe(422);
  });

  test('queues no run, whoever asks for one and however, so that its keys stay where they are', async () => {
    const { queueRun, upload, as, name, path } = await setup({
      'execution-mode': 'local',
      'mfa-level': 'plans_and_applies',
    });
    const uploaded = await upload({ 'auto-queue-runs': true });
    const version = (await as.get(`/configuration-versions/${uploaded}`)).data();
    expect(version.attributes).toMatchObject({
      status: 'uploaded',
      'error-message': `No run was queued: Workspace ${name} runs terraform on people's own machines (execution mode local).`,
    });
    for (const more of [{}, { 'plan-only': true }, { 'auto-apply': true }]) {
      const refused = await queueRun(more);
      expect(refused.status).toBe(422);
      expect(refused.errors()[0]?.detail).toContain('execution mode local');
    }
    expect(api.database.select().from(runs).all()).toEqual([]);
    // What the CLI reads of variables on the laptop has no key in it.
    for (const list of [`${path}/vars`, path]) {
      expect((await as.get(list)).text).not.toContain(keys.AWS_SECRET_ACCESS_KEY);
    }
  });
});

test('the mode does not change under a run that is not over', async () => {
  const { queueRun, upload, as, path, name } = await setup();
  await upload({ 'auto-queue-runs': false });
  const run = (await queueRun()).data();
  const refused = await as.patch(path, { 'execution-mode': 'local' });
  expect(refused.status).toBe(409);
  expect(refused.errors()[0]).toMatchObject({
    detail: `The execution mode of ${name} cannot change before Run ${run.id} is over. Let it end, or cancel or discard it.`,
    source: { pointer: '/data/attributes/execution-mode' },
  });
  // The same mode again is no change.
  expect((await as.patch(path, { 'execution-mode': 'remote', description: 'x' })).status).toBe(200);
  expect((await as.post(`/runs/${run.id}/actions/cancel`)).status).toBe(202);
  expect((await as.patch(path, { 'execution-mode': 'local' })).status).toBe(200);
});
