import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { finished, includedIn, includedTypes, names, runStage, tfeClient } from '../tfe-requests.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stage: ReturnType<typeof runStage>;
beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  await api.organization('acme', { owner, member });
  stage = runStage(api, owner);
});
afterAll(() => api.close());

const get = (path: string) => tfeClient(api, member).get(path);
const listed = async (query: string, organization = 'acme') =>
  names(await get(`/organizations/${organization}/workspaces?page[size]=100&${query}`));

let organizations = 0;
/** An organization of its own, where nothing else is listed. */
async function empty() {
  const name = `alone-${++organizations}`;
  await api.organization(name, { owner, member });
  const make = async (workspace: string) => {
    const made = await api.as(owner).post(`/organizations/${name}/workspaces`, { name: workspace });
    stage.configuration(made.data().id);
    return made.data().id;
  };
  return { name, make };
}

async function state(workspaceId: string): Promise<void> {
  const file = {
    version: 4,
    terraform_version: '1.11.4',
    serial: 1,
    lineage: crypto.randomUUID(),
    outputs: {
      address: { value: 'https://example.com', type: 'string' },
      password: { value: 'not-to-be-shown', type: 'string', sensitive: true },
    },
    resources: [],
  };
  const bytes = Buffer.from(JSON.stringify(file));
  await tfeClient(api, owner).post(`/workspaces/${workspaceId}/actions/lock`, '');
  const { serial, lineage } = file;
  const md5 = createHash('md5').update(bytes).digest('hex');
  const attributes = { serial, lineage, md5, state: bytes.toString('base64') };
  const stored = await api.as(owner).post(`/workspaces/${workspaceId}/state-versions`, attributes);
  expect(stored.status, stored.text).toBe(201);
  await tfeClient(api, owner).post(`/workspaces/${workspaceId}/actions/unlock`);
}

describe('a list', () => {
  test('is found by a name in which * stands for anything, and nothing else does', async () => {
    const { name, make } = await empty();
    for (const each of ['hashi-prod', 'hashi-dev', 'a_b', 'axb']) await make(each);
    expect(await listed('search[wildcard-name]=*-prod', name)).toEqual(['hashi-prod']);
    expect(await listed('search[wildcard-name]=hashi*', name)).toEqual(['hashi-dev', 'hashi-prod']);
    expect(await listed('search[wildcard-name]=*SHI-D*', name)).toEqual(['hashi-dev']);
    expect(await listed('search[wildcard-name]=a_b', name)).toEqual(['a_b']);
    expect(await listed('search[wildcard-name]=hashi', name)).toEqual([]);
    expect(await listed('search[wildcard-name]=%', name)).toEqual([]);
  });

  test('is sorted by what changed last, be it settings, a run or a state, both ways', async () => {
    const { name, make } = await empty();
    const ids: string[] = [];
    for (const workspace of ['run', 'state', 'settings', 'nothing']) {
      ids.push(await make(workspace));
      api.advance(1000);
    }
    const [run = '', withState = '', settings = ''] = ids;
    const order = ['nothing', 'settings', 'state', 'run'];
    expect(await listed('sort=-latest-change-at', name)).toEqual(order);
    await api.as(owner).patch(`/workspaces/${settings}`, { description: 'changed' });
    api.advance(1000);
    await state(withState);
    api.advance(1000);
    await stage.run(run);
    expect(await listed('sort=-latest-change-at', name)).toEqual(['run', 'state', 'settings', 'nothing']);
    expect(await listed('sort=latest-change-at', name)).toEqual(['nothing', 'settings', 'state', 'run']);
    const shown = (await get(`/organizations/${name}/workspaces?sort=latest-change-at`)).list();
    const times = shown.map(({ attributes }) => String(attributes['latest-change-at']));
    expect(times).toEqual(times.toSorted());
  });

  test('is sorted by name or by the age of the current run, both ways', async () => {
    const { name, make } = await empty();
    const [a, b] = [await make('a'), await make('b')];
    await make('c');
    await stage.run(b);
    await stage.run(a);
    expect(await listed('sort=-name', name)).toEqual(['c', 'b', 'a']);
    expect(await listed('sort=current-run.created-at', name)).toEqual(['b', 'a', 'c']);
    expect(await listed('sort=-current-run.created-at', name)).toEqual(['a', 'b', 'c']);
    const refused = await get(`/organizations/${name}/workspaces?sort=colour`);
    expect([refused.status, refused.errors()[0]?.source]).toEqual([422, { parameter: 'sort' }]);
  });

  test('is cut to those whose current run is in a status: active, else the head of the queue, else the last', async () => {
    const { name, make } = await empty();
    const [over, busy, idle] = [await make('over'), await make('busy'), await make('idle')];
    for (const workspaceId of [over, busy]) await stage.work(await stage.run(workspaceId), 'plan', finished(false));
    const holder = await stage.run(busy);
    await stage.run(busy);
    expect(await listed('filter[current-run][status]=planned_and_finished', name)).toEqual(['over']);
    expect(await listed('filter[current-run][status]=plan_queued,planned', name)).toEqual(['busy']);
    expect(await listed('filter[current-run][status]=pending', name)).toEqual([]);
    expect(await listed('filter[current-run][status]=nonsense', name)).toEqual([]);
    const current = async (id: string) => (await get(`/workspaces/${id}`)).data().relationships?.['current-run']?.data;
    expect(await current(busy)).toEqual({ id: holder, type: 'runs' });
    expect(await current(over)).toMatchObject({ type: 'runs' });
    expect(await current(idle)).toBeNull();
  });
});

describe('what belongs to workspaces', () => {
  test('comes with one that is read, as go-tfe asks', async () => {
    const { id } = await stage.workspace();
    const runId = await stage.run(id);
    const answer = await get(
      `/workspaces/${id}?include=organization,project,current_run,current_run.plan,current_configuration_version.ingress_attributes,locked_by,readme`,
    );
    expect(includedTypes(answer).toSorted()).toEqual(
      ['organizations', 'projects', 'runs', 'plans', 'configuration-versions'].toSorted(),
    );
    const byType = new Map(includedIn(answer).map((each) => [each.type, each]));
    expect(byType.get('organizations')).toMatchObject({ id: 'acme', attributes: { email: 'a@example.com' } });
    expect(byType.get('runs')).toMatchObject({ id: runId, attributes: { status: 'plan_queued' } });
    expect(answer.data().relationships?.['current-configuration-version']?.data).toEqual({
      id: byType.get('configuration-versions')?.id,
      type: 'configuration-versions',
    });
  });

  test('comes once with a list, however many lead to it', async () => {
    const { name, make } = await empty();
    for (const each of ['a', 'b', 'c']) await make(each);
    const answer = await get(`/organizations/${name}/workspaces?include=organization,project`);
    expect(includedTypes(answer)).toEqual(['projects', 'organizations']);
  });

  test('are the outputs and the state; a sensitive value stays where it is', async () => {
    const { id } = await stage.workspace();
    await state(id);
    const answer = await get(`/workspaces/${id}?include=outputs,current-state-version`);
    const outputs = includedIn(answer).filter(({ type }) => type === 'workspace-outputs');
    expect(outputs.map(({ attributes }) => attributes)).toEqual([
      { name: 'address', sensitive: false, 'output-type': 'string', value: 'https://example.com' },
      { name: 'password', sensitive: true, 'output-type': 'string', value: null },
    ]);
    expect(answer.text).not.toContain('not-to-be-shown');
    expect(answer.data().relationships?.['outputs']?.data).toHaveLength(2);
    expect(includedTypes(answer)).toContain('state-versions');
    expect((await get(`/workspaces/${id}`)).data().relationships).not.toHaveProperty('outputs');
  });

  test('an unknown name is refused with the words that go-tfe looks for', async () => {
    const { id } = await stage.workspace();
    const answer = await get(`/workspaces/${id}?include=secrets`);
    expect([answer.status, answer.errors()[0]?.code]).toEqual([400, 'invalid_include']);
    expect(answer.errors()[0]?.detail).toContain('include parameter');
  });
});

describe('a workspace', () => {
  test('that a run holds is locked by that run, and unlocking it says so', async () => {
    const { id } = await stage.workspace();
    const runId = await stage.run(id);
    const held = await get(`/workspaces/${id}?include=locked_by`);
    expect(held.data()).toMatchObject({
      attributes: { locked: true, 'lock-reason': null },
      relationships: { 'locked-by': { data: { id: runId, type: 'runs' } } },
    });
    expect(includedTypes(held)).toEqual(['runs']);
    const unlock = await tfeClient(api, member).post(`/workspaces/${id}/actions/unlock`);
    expect(unlock.errors()[0]?.detail).toContain('is locked by Run');
    await tfeClient(api, member).post(`/runs/${runId}/actions/cancel`, {});
    expect((await get(`/workspaces/${id}`)).data().attributes['locked']).toBe(false);
    await tfeClient(api, member).post(`/workspaces/${id}/actions/lock`, { reason: '' });
    const locked = await get(`/workspaces/${id}?include=locked_by`);
    expect(includedIn(locked)).toEqual([
      expect.objectContaining({
        id: member.id,
        type: 'users',
        attributes: expect.objectContaining({ username: 'mo' }),
      }),
    ]);
    expect(locked.text).not.toContain('is-site-admin');
  });

  test('tells how its last runs went', async () => {
    const { id } = await stage.workspace();
    const good = await stage.run(id);
    api.advance(1000);
    const { claimId } = await stage.start(good);
    api.advance(4000);
    const report = { type: 'phase_finished', runId: good, phase: 'plan', claimId, outcome: finished(false) } as const;
    await recordWorkerReport(api.parts, report);
    const bad = await stage.run(id);
    await stage.work(bad, 'plan', { kind: 'failed', reason: 'terraform_failed', message: 'x' });
    await stage.run(id, { 'plan-only': true });
    const { attributes } = (await get(`/workspaces/${id}`)).data();
    expect(attributes).toMatchObject({
      'workspace-kpis-runs-count': 2,
      'run-failures': 1,
      'plan-duration-average': 4000,
      'apply-duration-average': null,
      'latest-change-at': api.clock.now().toISOString(),
    });
  });

  test('remembers who made it and with what', async () => {
    const { id } = await stage.workspace({ 'source-name': 'my tool', 'source-url': 'https://example.com/tool' });
    expect((await get(`/workspaces/${id}`)).data().attributes).toMatchObject({
      source: 'tfe-api',
      'source-name': 'my tool',
      'source-url': 'https://example.com/tool',
    });
    const bad = { name: 'never-made', 'source-url': 'javascript:alert(1)' };
    expect((await api.as(owner).post('/organizations/acme/workspaces', bad)).status).toBe(422);
  });

  test('that old clients call without operations runs on people’s own machines', async () => {
    const { id } = await stage.workspace({ operations: false });
    expect((await get(`/workspaces/${id}`)).data().attributes).toMatchObject({
      'execution-mode': 'local',
      operations: false,
    });
  });

  test('is not connected to a repository, and says so instead of ignoring it', async () => {
    const answer = await api.as(owner).post('/organizations/acme/workspaces', {
      name: 'with-repo',
      'vcs-repo': { identifier: 'acme/infra', 'oauth-token-id': 'ot-1' },
    });
    expect([answer.status, answer.errors()[0]?.detail]).toEqual([422, expect.stringContaining('from repositories')]);
  });

  test('that allows no destroy plans refuses destroy runs and no others', async () => {
    const { id } = await stage.workspace({ 'allow-destroy-plan': false });
    expect((await get(`/workspaces/${id}`)).data().attributes).toMatchObject({
      'can-queue-destroy-plan': false,
      actions: { 'is-destroyable': false },
    });
    const destroy = await stage.post(owner, id, { 'is-destroy': true });
    expect(destroy.errors()[0]).toMatchObject({ status: '422', source: { pointer: '/data/attributes/is-destroy' } });
    expect((await stage.post(owner, id)).status).toBe(201);
  });

  test('is not made by a member: terraform init shows who makes it', async () => {
    const answer = await tfeClient(api, member).post('/organizations/acme/workspaces', {
      data: { type: 'workspaces', attributes: { name: 'brand-new' } },
    });
    expect([answer.status, answer.errors()[0]?.detail]).toEqual([
      403,
      'Only an owner of acme may make a workspace, and there is none called "brand-new". An owner can: olga.',
    ]);
  });

  test('is deleted safely only unlocked and idle, with the words that go-tfe tells the cases apart by', async () => {
    const { id, name } = await stage.workspace();
    const remove = () => tfeClient(api, owner).post(`/organizations/acme/workspaces/${name}/actions/safe-delete`);
    await tfeClient(api, member).post(`/workspaces/${id}/actions/lock`, { reason: '' });
    expect((await remove()).errors()[0]).toMatchObject({ status: '409', detail: expect.stringContaining('locked') });
    await tfeClient(api, member).post(`/workspaces/${id}/actions/unlock`);
    const runId = await stage.run(id);
    expect((await remove()).errors()[0]?.detail).toContain('being processed');
    await tfeClient(api, owner).post(`/runs/${runId}/actions/cancel`, {});
    expect((await tfeClient(api, owner).post(`/workspaces/${id}/actions/safe-delete`)).status).toBe(204);
  });

  test('lets no other workspace’s runs read its state, and says why', async () => {
    const { id } = await stage.workspace();
    const path = `/workspaces/${id}/relationships/remote-state-consumers`;
    expect((await get(path)).list()).toEqual([]);
    for (const method of ['post', 'patch', 'delete'] as const) {
      const answer = await tfeClient(api, owner)[method](path, { data: [{ type: 'workspaces', id }] });
      expect([answer.status, answer.errors()[0]?.detail]).toEqual([422, expect.stringContaining('no token')]);
    }
    expect((await tfeClient(api, await api.person('sue')).get(path)).status).toBe(404);
  });
});

test('a page of 100 workspaces is answered in one go', async () => {
  const { name, make } = await empty();
  for (let index = 0; index < 100; index++) await make(`ws-${index}`);
  const answer = await get(`/organizations/${name}/workspaces?page[size]=100&include=current_run,project`);
  const shown = z.object({
    data: z.array(z.object({ attributes: z.object({ permissions: z.object({ 'can-force-delete': z.boolean() }) }) })),
  });
  expect(shown.parse(JSON.parse(answer.text)).data).toHaveLength(100);
});
