import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { finished, includedIn, includedTypes, runStage, tfeClient } from '../tfe-requests.ts';

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
const ids = async (path: string) => (await get(path)).list().map(({ id }) => id);

let organizations = 0;
/** A workspace in an organization of its own, where nothing else is listed. */
async function setup() {
  const organization = `alone-${++organizations}`;
  await api.organization(organization, { owner, member });
  const { id, name } = await stage.workspace({}, organization);
  const ofWorkspace = (query: string) => ids(`/workspaces/${id}/runs?page[size]=100&${query}`);
  const ofOrganization = (query: string) => ids(`/organizations/${organization}/runs?page[size]=100&${query}`);
  return { organization, id, name, ofWorkspace, ofOrganization };
}

describe('runs are listed', () => {
  test('by what they are to do, each under one word', async () => {
    const { id, ofWorkspace, ofOrganization } = await setup();
    const runs = {
      plan_and_apply: await stage.run(id),
      destroy: await stage.run(id, { 'is-destroy': true }),
      refresh_only: await stage.run(id, { 'refresh-only': true }),
      empty_apply: await stage.run(id, { 'allow-empty-apply': true }),
      plan_only: await stage.run(id, { 'plan-only': true, 'is-destroy': true }),
    };
    for (const [operation, run] of Object.entries(runs)) {
      expect(await ofWorkspace(`filter[operation]=${operation}`), operation).toEqual([run]);
      expect(await ofOrganization(`filter[operation]=${operation}`), operation).toEqual([run]);
    }
    expect(await ofWorkspace('filter[operation]=destroy,plan_only')).toEqual([runs.plan_only, runs.destroy]);
    expect(await ofWorkspace('filter[operation]=save_plan')).toEqual([]);
    expect(await ofWorkspace('')).not.toContain(runs.plan_only);
  });

  test('by status, group of statuses, and both', async () => {
    const { id, ofOrganization } = await setup();
    const over = await stage.run(id);
    await stage.work(over, 'plan', finished(false));
    const planned = await stage.run(id);
    await stage.work(planned, 'plan');
    const pending = await stage.run(id);
    expect(await ofOrganization('filter[status_group]=final')).toEqual([over]);
    expect(await ofOrganization('filter[status_group]=non_final')).toEqual([pending, planned]);
    expect(await ofOrganization('filter[status_group]=discardable')).toEqual([pending, planned]);
    expect(await ofOrganization('filter[status_group]=non_final&filter[status]=planned,applied')).toEqual([planned]);
    expect(await ofOrganization('filter[status]=nonsense')).toEqual([]);
  });

  test('by source, year, workspace, person and text', async () => {
    const { organization, id, name, ofOrganization, ofWorkspace } = await setup();
    const other = await stage.workspace({}, organization);
    const mine = await stage.run(id, { message: 'Raise the limit', source: 'terraform+cloud' });
    const theirs = (await stage.post(member, other.id, { message: 'lower it' })).data().id;
    expect(await ofOrganization('filter[source]=terraform%2Bcloud')).toEqual([mine]);
    expect(await ofOrganization('filter[timeframe]=2026')).toEqual([theirs, mine]);
    expect(await ofOrganization('filter[timeframe]=2025')).toEqual([]);
    expect(await ofOrganization('filter[timeframe]=year')).toEqual([theirs, mine]);
    expect(await ofOrganization(`filter[workspace_names]=${name},nobody`)).toEqual([mine]);
    expect(await ofOrganization('search[user]=MO')).toEqual([theirs]);
    expect(await ofOrganization('search[basic]=limit')).toEqual([mine]);
    expect(await ofOrganization(`search[basic]=${theirs}`)).toEqual([theirs]);
    expect(await ofOrganization('search[basic]=limit&search[user]=mo')).toEqual([theirs]);
    expect(await ofWorkspace('search[commit]=3d5ab1')).toEqual([]);
    expect(await ofOrganization('filter[agent_pool_names]=pool')).toEqual([]);
    expect((await get(`/organizations/${organization}/runs?filter[timeframe]=soon`)).status).toBe(422);
  });

  test('with what belongs to them, each thing once', async () => {
    const { id } = await setup();
    for (let index = 0; index < 2; index++) await stage.run(id);
    const include =
      'plan,apply,workspace,created_by,configuration_version.ingress_attributes,cost_estimate,task_stages';
    const answer = await get(`/workspaces/${id}/runs?include=${include}`);
    expect(includedTypes(answer)).toEqual([
      'plans',
      'plans',
      'applies',
      'applies',
      'workspaces',
      'configuration-versions',
      'users',
    ]);
    expect(includedIn(answer).at(-1)).toMatchObject({ id: owner.id, attributes: { username: 'olga' } });
    expect(includedTypes(await get(`/workspaces/${id}/runs?include=tf_policy_evaluations`))).toEqual([]);
    const refused = await get(`/workspaces/${id}/runs?include=everything`);
    expect([refused.status, refused.errors()[0]?.code]).toEqual([400, 'invalid_include']);
  });
});

test('the queue of an organization has the same places on every page, and so has the run', async () => {
  const { organization, id } = await setup();
  const runs: string[] = [];
  for (let index = 0; index < 3; index++) runs.push(await stage.run(id));
  const page = async (number: number) =>
    (await get(`/organizations/${organization}/runs/queue?page[size]=2&page[number]=${number}`))
      .list()
      .map((run) => [run.id, run.attributes['position-in-queue']]);
  expect([...(await page(1)), ...(await page(2))]).toEqual([
    [runs[2], 3],
    [runs[1], 2],
    [runs[0], 1],
  ]);
  const position = async (run = '') => (await get(`/runs/${run}`)).data().attributes['position-in-queue'];
  expect([await position(runs[0]), await position(runs[2])]).toEqual([1, 3]);
  await stage.start(runs[0] ?? '');
  expect([await position(runs[0]), await position(runs[2])]).toEqual([0, 2]);
  const capacity = await get(`/organizations/${organization}/capacity`);
  expect(capacity.data().attributes).toEqual({ pending: 2, running: 1 });
});

describe('a run', () => {
  test('shows the variables that were given with it, and none of its workspace', async () => {
    const { id } = await stage.workspace();
    const variable = (key: string, sensitive: boolean) =>
      api
        .as(owner)
        .post(`/workspaces/${id}/vars`, { key, value: 'of-the-workspace', category: 'terraform', sensitive });
    await variable('region', false);
    await variable('password', true);
    const variables = [
      { key: 'region', value: '"eu-west-1"' },
      { key: 'password', value: '"given-with-the-run"' },
      { key: 'size', value: '3' },
    ];
    const made = await stage.post(member, id, { variables });
    const shown = [
      { key: 'region', value: '"eu-west-1"' },
      // It takes the place of a sensitive one.
      { key: 'password', value: null },
      { key: 'size', value: '3' },
    ];
    expect(made.data().attributes['variables']).toEqual(shown);
    const listed = await get(`/workspaces/${id}/runs`);
    expect(listed.list()[0]?.attributes['variables']).toEqual(shown);
    for (const text of [made.text, listed.text, (await get(`/runs/${made.data().id}`)).text]) {
      expect(text).not.toMatch(/of-the-workspace|given-with-the-run/);
    }
    const row = JSON.stringify(api.database.all('select * from runs'));
    expect(row).not.toMatch(/eu-west-1|given-with-the-run/);
    const plain = await stage.run(id);
    expect((await get(`/runs/${plain}`)).data().attributes['variables']).toEqual([]);
  });

  test('that only plans may name its terraform version; any other takes the workspace’s', async () => {
    const { id } = await stage.workspace({ 'terraform-version': '1.10.0' });
    const upgrade = await stage.post(member, id, { 'plan-only': true, 'terraform-version': '1.11.4' });
    expect(upgrade.data().attributes['terraform-version']).toBe('1.11.4');
    expect((await stage.start(upgrade.data().id)).terraformVersion).toBe('1.11.4');
    const speculative = stage.configuration(id, { speculative: true });
    expect((await stage.post(member, id, { 'terraform-version': '1.11.4' }, speculative)).status).toBe(201);
    const refused = await stage.post(member, id, { 'terraform-version': '1.11.4' });
    expect(refused.errors()[0]).toMatchObject({
      status: '422',
      source: { pointer: '/data/attributes/terraform-version' },
      detail: expect.stringContaining('1.10.0'),
    });
    const invalid = await stage.post(member, id, { 'plan-only': true, 'terraform-version': 'newest' });
    expect(invalid.status).toBe(422);
  });

  test('with allow-empty-apply is to be decided on also when nothing changes, and is applied', async () => {
    const { id } = await stage.workspace();
    const run = await stage.run(id, { 'allow-empty-apply': true });
    expect((await stage.start(run)).allowEmptyApply).toBe(true);
    const other = await stage.workspace();
    const again = await stage.run(other.id, { 'allow-empty-apply': true });
    await stage.work(again, 'plan', finished(false));
    expect((await get(`/runs/${again}`)).data().attributes).toMatchObject({
      status: 'planned',
      'has-changes': false,
      'allow-empty-apply': true,
      actions: { 'is-confirmable': true },
    });
    expect((await tfeClient(api, member).post(`/runs/${again}/actions/apply`, {})).status).toBe(202);
    await stage.work(again, 'apply', finished(false));
    expect(await stage.status(again)).toBe('applied');
    const plain = await stage.run(other.id);
    await stage.work(plain, 'plan', finished(false));
    expect(await stage.status(plain)).toBe('planned_and_finished');
  });
});
