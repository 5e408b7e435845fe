import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlanJson, readProviderSchemas } from '../../src/services/plan-files.ts';
import { findPhase } from '../../src/store/phases.ts';
import { currentStateVersion } from '../../src/store/state-versions.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

type Job = { authorization: string };

async function ask(method: 'GET' | 'PUT', path: string, headers: Partial<Job>, body?: Buffer<ArrayBuffer>) {
  const answer = await fetch(`${api.url}/api/worker/v1${path}`, { method, headers, body: body ?? null });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

function state(serial: number, change: object = {}): Buffer<ArrayBuffer> {
  const file = { version: 4, terraform_version: '1.11.4', serial, lineage: 'L', outputs: {}, resources: [], ...change };
  return Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`);
}

describe('a worker', () => {
  test('reads the configuration of its run', async () => {
    const run = await api.run();
    const path = `/runs/${run.id}/configuration`;
    expect((await ask('GET', path, run.job)).status).toBe(422);
    const bytes = randomBytes(3_000_000);
    await api.blobs.put(`configurations/${run.configurationVersionId}`, bytes);
    expect((await ask('GET', path, run.job)).bytes.equals(bytes)).toBe(true);
  });

  test('reads the current state, and stores each change while it applies', async () => {
    const run = await api.run({ phase: 'apply' });
    const path = `/runs/${run.id}/state`;
    expect((await ask('GET', path, run.job)).status).toBe(204);
    for (const serial of [1, 2, 2, 5]) expect((await ask('PUT', path, run.job, state(serial))).status).toBe(204);
    expect((await ask('GET', path, run.job)).bytes.equals(state(5))).toBe(true);
    expect(currentStateVersion(api.database, run.workspaceId)).toMatchObject({ runId: run.id, serial: 5 });
    // A change that terraform took back keeps the serial; an older file that arrives late does not.
    expect((await ask('PUT', path, run.job, state(5, { check_results: [] }))).status).toBe(204);
    expect((await ask('PUT', path, run.job, state(3))).status).toBe(422);
    expect((await ask('PUT', path, run.job, Buffer.from('{"half": '))).status).toBe(422);
    expect((await ask('PUT', path, run.job, state(6, { lineage: 'M' }))).status).toBe(422);
    expect(currentStateVersion(api.database, run.workspaceId)).toMatchObject({ serial: 5 });
  });

  test('hands over a state that terraform could not place, which then follows the current one', async () => {
    const run = await api.run({ phase: 'apply' });
    const path = `/runs/${run.id}/state`;
    await ask('PUT', path, run.job, state(3));
    expect((await ask('PUT', path, run.job, state(0, { lineage: '' }))).status).toBe(204);
    expect(currentStateVersion(api.database, run.workspaceId)).toMatchObject({ serial: 4, lineage: 'L' });
  });

  test('does not write a state over one that came after its run began', async () => {
    const first = await api.run({ phase: 'apply' });
    await ask('PUT', `/runs/${first.id}/state`, first.job, state(1));
    api.advance(1000);
    const second = await api.run({ phase: 'apply', workspaceId: first.workspaceId });
    api.advance(1000);
    expect((await ask('PUT', `/runs/${second.id}/state`, second.job, state(2))).status).toBe(204);
    expect((await ask('PUT', `/runs/${first.id}/state`, first.job, state(9))).status).toBe(409);
    expect(currentStateVersion(api.database, first.workspaceId)).toMatchObject({ runId: second.id, serial: 2 });
  });

  test('hands in the last state of a run that was ended by force, until another apply has begun', async () => {
    const forced = await api.run({ phase: 'apply' });
    expect((await ask('PUT', `/runs/${forced.id}/state`, forced.job, state(1))).status).toBe(204);
    api.setStatus(forced.id, 'canceled');
    expect((await ask('GET', `/runs/${forced.id}/state`, forced.job)).status).toBe(401);
    expect((await ask('PUT', `/runs/${forced.id}/state`, forced.job, state(2))).status).toBe(204);
    api.advance(1000);
    await api.run({ phase: 'apply', workspaceId: forced.workspaceId });
    expect((await ask('PUT', `/runs/${forced.id}/state`, forced.job, state(3))).status).toBe(409);
    expect(currentStateVersion(api.database, forced.workspaceId)).toMatchObject({ runId: forced.id, serial: 2 });
  });

  test('stores its state where the clock was put back since the apply before', async () => {
    const first = await api.run({ phase: 'apply' });
    expect((await ask('PUT', `/runs/${first.id}/state`, first.job, state(1))).status).toBe(204);
    api.setStatus(first.id, 'canceled');
    api.advance(-600_000);
    const second = await api.run({ phase: 'apply', workspaceId: first.workspaceId });
    expect((await ask('PUT', `/runs/${first.id}/state`, first.job, state(2))).status).toBe(409);
    expect((await ask('PUT', `/runs/${second.id}/state`, second.job, state(2))).status).toBe(204);
    api.advance(600_000);
    expect(currentStateVersion(api.database, first.workspaceId)).toMatchObject({ runId: second.id, serial: 2 });
  });

  test('stores no state while it plans', async () => {
    const run = await api.run({ phase: 'plan' });
    expect((await ask('PUT', `/runs/${run.id}/state`, run.job, state(1))).status).toBe(403);
    expect((await ask('GET', `/runs/${run.id}/state`, run.job)).status).toBe(204);
  });

  test('hands the plan on from the plan to the apply, and only there', async () => {
    const plan = await api.run({ phase: 'plan' });
    const path = `/runs/${plan.id}/plan-artifact`;
    const bytes = randomBytes(5_000_000);
    expect((await ask('PUT', path, plan.job, bytes)).status).toBe(204);
    expect((await ask('GET', path, plan.job)).status).toBe(403);
    const apply = await api.run({ phase: 'apply' });
    expect((await ask('GET', `/runs/${apply.id}/plan-artifact`, apply.job)).status).toBe(404);
    expect((await ask('PUT', `/runs/${apply.id}/plan-artifact`, apply.job, bytes)).status).toBe(403);
    await api.planArtifacts.put(`plan-artifacts/${apply.id}`, bytes);
    expect((await ask('GET', `/runs/${apply.id}/plan-artifact`, apply.job)).bytes.equals(bytes)).toBe(true);
  });

  test('stores the plan as JSON, sealed, and only what is one', async () => {
    const run = await api.run();
    const path = `/runs/${run.id}/plan-json`;
    const marker = 'plan-marker-hunter2';
    for (const bad of ['not JSON', '[]', '{"format_version": 1}', `{"x": "${marker}"}`]) {
      const answer = await ask('PUT', path, run.job, Buffer.from(bad));
      expect({ bad, status: answer.status }).toEqual({ bad, status: 422 });
      expect(answer.bytes.toString()).not.toContain(marker);
    }
    expect(findPhase(api.database, run.id, 'plan')?.hasPlanJson).toBe(false);
    expect(await readPlanJson(api, run.id)).toBeUndefined();
    const plan = Buffer.from(
      JSON.stringify({ format_version: '1.2', terraform_version: '1.11.4', variables: { marker } }),
    );
    expect((await ask('PUT', path, run.job, plan)).status).toBe(204);
    expect(findPhase(api.database, run.id, 'plan')?.hasPlanJson).toBe(true);
    expect(Buffer.from((await readPlanJson(api, run.id)) ?? []).equals(plan)).toBe(true);
    expect((await api.allStoredBytes()).includes(marker)).toBe(false);
  });

  test('stores the schemas that the plan is drawn with, sealed, and only in the plan', async () => {
    const run = await api.run();
    const schema = { block: { attributes: { marked: { description: 'schema-marker-hunter2' } } } };
    const schemas = { format_version: '1.0', provider_schemas: { 'r/x/p': { resource_schemas: { p_a: schema } } } };
    const path = `/runs/${run.id}/provider-schemas`;
    expect((await ask('PUT', path, run.job, Buffer.from('{"provider_schemas": []}'))).status).toBe(422);
    expect(await readProviderSchemas(api, run.id)).toBeUndefined();
    expect((await ask('PUT', path, run.job, Buffer.from(JSON.stringify(schemas)))).status).toBe(204);
    expect(await readProviderSchemas(api, run.id)).toEqual(schemas);
    expect((await api.allStoredBytes()).includes('schema-marker-hunter2')).toBe(false);
    const apply = await api.run({ phase: 'apply' });
    const late = await ask(
      'PUT',
      `/runs/${apply.id}/provider-schemas`,
      apply.job,
      Buffer.from(JSON.stringify(schemas)),
    );
    expect(late.status).toBe(403);
  });

  test('has no way to another run, without a token, with a false one, or after its phase is over', async () => {
    const mine = await api.run({ phase: 'apply' });
    const other = await api.run({ phase: 'apply' });
    await ask('PUT', `/runs/${other.id}/state`, other.job, state(1));
    const paths = ['configuration', 'state', 'plan-artifact'];
    for (const what of paths) {
      expect((await ask('GET', `/runs/${other.id}/${what}`, mine.job)).status).toBe(403);
      expect((await ask('GET', `/runs/${mine.id}/${what}`, {})).status).toBe(401);
      expect((await ask('GET', `/runs/${mine.id}/${what}`, { authorization: 'Bearer x.y.z' })).status).toBe(401);
      expect(
        (await ask('GET', `/runs/${mine.id}/${what}`, { authorization: api.owner.headers.authorization })).status,
      ).toBe(401);
    }
    api.setStatus(mine.id, 'errored');
    for (const what of paths) expect((await ask('GET', `/runs/${mine.id}/${what}`, mine.job)).status).toBe(401);
  });

  test.each([
    ['apply', 'state'],
    ['plan', 'plan-json'],
  ] as const)('is refused when it sends more %s than may be: %s', async (phase, what) => {
    const run = await api.run({ phase });
    const body = Buffer.alloc(64 * 1024 * 1024 + 1, '{');
    const answer = await ask('PUT', `/runs/${run.id}/${what}`, run.job, body).catch(() => undefined);
    // The server closes while the client still sends, so a client may see only that.
    if (answer !== undefined) expect(answer.status).toBe(413);
    expect(currentStateVersion(api.database, run.workspaceId)).toBeUndefined();
    expect(await readPlanJson(api, run.id)).toBeUndefined();
  });
});
