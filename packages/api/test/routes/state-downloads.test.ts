import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPhase } from '../../src/store/phases.ts';
import { auditRecords } from '../../src/store/schema/identity.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';
import { marker, stateClient, stateFile } from '../state-files.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

const reads = (targetId: string) =>
  api.database
    .select()
    .from(auditRecords)
    .all()
    .filter((record) => record.targetId === targetId && /downloaded|read$/.test(record.action));

test('who takes a state, or a sensitive output, out is in the audit log, without a value', async () => {
  const { post, get, path, workspace } = await stateClient(api);
  await post(stateFile(), { 'json-state': Buffer.from('{"format_version":"1.0"}').toString('base64') });
  const { id } = (await get(`${path}/current-state-version`)).data();
  expect((await get(`/state-versions/${id}/download`)).status).toBe(200);
  expect((await get(`/state-versions/${id}/json-download`)).status).toBe(200);
  expect((await get(`/state-versions/${id}/download`, api.stranger.headers)).status).toBe(404);
  expect(reads(id).map(({ actorName, action, details }) => [actorName, action, details])).toEqual([
    ['olga', 'state_version.downloaded', { workspace: workspace.name, serial: 1, form: 'state' }],
    ['olga', 'state_version.downloaded', { workspace: workspace.name, serial: 1, form: 'json' }],
  ]);

  const [password, plain] = (await get(`${path}/current-state-version-outputs`)).list();
  for (const output of [password, plain]) await get(`/state-version-outputs/${output?.id}`);
  expect(reads(String(password?.id))).toMatchObject([
    { action: 'state_version_output.read', details: { workspace: workspace.name, output: 'password' } },
  ]);
  expect(reads(String(plain?.id))).toEqual([]);
  expect(JSON.stringify(api.database.select().from(auditRecords).all())).not.toContain(marker);
});

test('a version without JSON says so', async () => {
  const { post, get, path } = await stateClient(api);
  await post(stateFile());
  const { id, attributes } = (await get(`${path}/current-state-version`)).data();
  expect(attributes['hosted-json-state-download-url']).toBeNull();
  expect((await get(`/state-versions/${id}/json-download`)).status).toBe(404);
});

test('the last state of a run that was refused can be fetched by its apply, until a later one is stored', async () => {
  const { post, get, workspace } = await stateClient(api);
  const run = await api.run({ workspaceId: workspace.id, phase: 'apply' });
  await post(stateFile({ serial: 5 }));
  const apply = findPhase(api.database, run.id, 'apply')?.id;
  const errored = (headers?: Record<string, string>) => get(`/applies/${apply}/errored-state`, headers);
  const put = (bytes: Buffer<ArrayBuffer>) =>
    fetch(`${api.url}/api/worker/v1/runs/${run.id}/state`, { method: 'PUT', headers: run.job, body: bytes });
  expect((await errored()).status).toBe(404);

  const refused = stateFile({ serial: 4 });
  expect((await put(refused)).status).toBe(422);
  expect((await put(refused)).status).toBe(422);
  expect((await errored()).text).toBe(refused.toString());
  expect((await errored(api.stranger.headers)).status).toBe(404);
  expect(reads(run.id)).toMatchObject([{ action: 'errored_state.downloaded', actorName: 'olga' }]);
  expect((await api.allStoredBytes()).includes(marker)).toBe(false);

  expect((await put(stateFile({ serial: 6 }))).status).toBe(204);
  expect((await errored()).status).toBe(404);
});
