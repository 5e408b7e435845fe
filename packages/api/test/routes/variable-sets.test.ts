import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Person, type Resource, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stranger: Person;
let count = 0;
let organization: string;
let workspaces: string[];

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('other', { owner: stranger });
});
afterAll(() => api.close());

beforeEach(async () => {
  organization = `acme${++count}`;
  await api.organization(organization, { owner, member });
  const made = ['one', 'two'].map((name) =>
    post(`/organizations/${organization}/workspaces`, { attributes: { name } }),
  );
  workspaces = (await Promise.all(made)).map((answer) => answer.data().id);
});

/** `data` of the request: attributes and relationships, or a list. */
function send(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, data: object, who: Person = owner) {
  const headers = { authorization: `Bearer ${who.token}` };
  return api.ask({ method, url: `/api/v2${path}`, headers, payload: { data } });
}
const post = (path: string, data: object, who?: Person) => send('POST', path, data, who);
const get = (path: string, who: Person = owner) => api.as(who).get(path);

/** A set called `name`, with env variables of these values, where `in` says. */
async function setup(
  name: string,
  variables: Record<string, string> = {},
  more: { in?: string[]; global?: boolean; priority?: boolean } = {},
): Promise<Resource> {
  const { in: places = [], ...flags } = more;
  const answer = await post(`/organizations/${organization}/varsets`, {
    attributes: { name, global: false, ...flags },
    relationships: {
      workspaces: { data: places.map((id) => ({ id, type: 'workspaces' })) },
      vars: {
        data: Object.entries(variables).map(([key, value]) => ({ attributes: { key, value, category: 'env' } })),
      },
    },
  });
  expect(answer.status, answer.text).toBe(201);
  return answer.data();
}

const ids = (resource: Resource, relationship: string) => {
  const data = resource.relationships?.[relationship]?.data;
  return Array.isArray(data) ? data.map(({ id }) => id) : data;
};
const references = (...list: string[]) => list.map((id) => ({ id, type: 'workspaces' }));

async function values(workspaceId: string | undefined): Promise<Record<string, unknown>> {
  const all = (await get(`/workspaces/${workspaceId}/all-vars`)).list();
  return Object.fromEntries(all.map(({ attributes }) => [attributes['key'], attributes['value']]));
}

describe('a variable set', () => {
  test('is made whole, read with what it consists of, changed and deleted', async () => {
    const [one] = workspaces;
    const made = await setup('shared', { REGION: 'eu-west-1' }, { in: [one ?? ''], priority: true });
    expect(made.id).toMatch(/^varset-/);
    expect(made.attributes).toMatchObject({
      name: 'shared',
      description: '',
      global: false,
      priority: true,
      'var-count': 1,
      'workspace-count': 1,
    });
    expect(ids(made, 'workspaces')).toEqual([one]);
    expect(made.relationships?.['organization']?.data).toEqual({ id: organization, type: 'organizations' });
    expect(made.relationships?.['parent']?.data).toEqual({ id: organization, type: 'organizations' });

    const read = await get(`/varsets/${made.id}?include=workspaces,projects,vars`);
    expect(read.data()).toEqual(made);
    const included: Resource[] = JSON.parse(read.text).included;
    expect(included.map(({ type }) => type)).toEqual(['vars', 'workspaces']);
    expect(included[0]?.relationships?.['varset']?.data).toEqual({ id: made.id, type: 'varsets' });
    expect(included[0]?.relationships?.['configurable']?.data).toBeNull();

    const changed = await send('PATCH', `/varsets/${made.id}`, { attributes: { description: 'd', priority: false } });
    expect(changed.data().attributes).toMatchObject({ name: 'shared', description: 'd', priority: false });
    expect((await api.as(owner).delete(`/varsets/${made.id}`)).status).toBe(204);
    expect((await get(`/varsets/${made.id}`)).status).toBe(404);
    expect(await values(one)).toEqual({});
  });

  test('has a name that no other of the organization has', async () => {
    await setup('once');
    const again = await post(`/organizations/${organization}/varsets`, { attributes: { name: 'once' } });
    expect(again.status).toBe(422);
    expect(again.errors()[0]).toMatchObject({ code: 'already_exists', source: { pointer: '/data/attributes/name' } });
    const other = await setup('other');
    expect((await send('PATCH', `/varsets/${other.id}`, { attributes: { name: 'once' } })).status).toBe(422);
  });

  test('that cannot be made whole is not made at all', async () => {
    const refused = await post(`/organizations/${organization}/varsets`, {
      attributes: { name: 'half' },
      relationships: {
        vars: {
          data: [
            { attributes: { key: 'FINE', category: 'env' } },
            { attributes: { key: 'LD_PRELOAD', value: 'x', category: 'env' } },
          ],
        },
      },
    });
    expect(refused.status).toBe(422);
    expect(refused.errors()[0]?.detail).toContain('loads code');
    expect((await get(`/organizations/${organization}/varsets`)).list()).toEqual([]);
  });

  test.each([
    ['no name', { attributes: { name: ' ' } }, 'name'],
    ['a misspelt attribute', { attributes: { name: 'a', globl: true } }, 'globl'],
    ['projects', { attributes: { name: 'a' }, relationships: { projects: { data: [{ id: 'prj-1' }] } } }, 'projects'],
    [
      'a project as its owner',
      { attributes: { name: 'a' }, relationships: { parent: { data: { id: 'prj-1', type: 'projects' } } } },
      'parent',
    ],
    [
      'one variable twice',
      {
        attributes: { name: 'a' },
        relationships: {
          vars: { data: ['A', 'A'].map((key) => ({ attributes: { key, value: '', category: 'env' } })) },
        },
      },
      'vars',
    ],
  ])('is refused with %s', async (_what, data, blamed) => {
    const refused = await post(`/organizations/${organization}/varsets`, data);
    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.errors())).toContain(blamed);
  });

  test('is found by a part of its name, a page at a time', async () => {
    for (const name of ['aws_keys', 'aws-region', 'network']) await setup(name);
    const names = async (query: string) =>
      (await get(`/organizations/${organization}/varsets?${query}`)).list().map(({ attributes }) => attributes['name']);
    expect(await names('')).toEqual(['aws-region', 'aws_keys', 'network']);
    expect(await names('q=AWS_')).toEqual(['aws_keys']);
    expect(await names('page[size]=2&page[number]=2')).toEqual(['network']);
  });

  test('includes only what there is to include', async () => {
    const { id } = await setup('s');
    const refused = await get(`/varsets/${id}?include=runs`);
    expect(refused.status).toBe(400);
    expect(refused.errors()[0]?.detail).toContain('include parameter');
    expect((await get(`/varsets/${id}?include=stacks`)).status).toBe(200);
  });
});

describe('where a set holds', () => {
  test('workspaces are added and taken away, and given all at once', async () => {
    const [one = '', two = ''] = workspaces;
    const { id } = await setup('moving', { K: 'v' });
    const where = async () => ids((await get(`/varsets/${id}`)).data(), 'workspaces');
    expect((await post(`/varsets/${id}/relationships/workspaces`, references(one, two))).status).toBe(204);
    expect((await post(`/varsets/${id}/relationships/workspaces`, references(one))).status).toBe(204);
    expect(await where()).toEqual([one, two].toSorted());
    expect((await send('DELETE', `/varsets/${id}/relationships/workspaces`, references(two))).status).toBe(204);
    expect(await where()).toEqual([one]);
    expect(await values(one)).toEqual({ K: 'v' });
    expect(await values(two)).toEqual({});
    // As go-tfe's UpdateWorkspaces does it.
    const body = { attributes: { global: false }, relationships: { workspaces: { data: references(two) } } };
    expect(ids((await send('PATCH', `/varsets/${id}?include=workspaces`, body)).data(), 'workspaces')).toEqual([two]);
    const none = { attributes: { global: false }, relationships: { workspaces: { data: [] } } };
    expect(ids((await send('PATCH', `/varsets/${id}`, none)).data(), 'workspaces')).toEqual([]);
  });

  test('a global set holds everywhere, is not applied to some, and forgets where it was applied', async () => {
    const [one = '', two = ''] = workspaces;
    const { id } = await setup('everywhere', { K: 'v' }, { in: [one] });
    const changed = await send('PATCH', `/varsets/${id}`, { attributes: { global: true } });
    expect(ids(changed.data(), 'workspaces')).toEqual([]);
    expect(await values(two)).toEqual({ K: 'v' });
    for (const method of ['POST', 'DELETE'] as const) {
      expect((await send(method, `/varsets/${id}/relationships/workspaces`, references(one))).status).toBe(422);
    }
    await send('PATCH', `/varsets/${id}`, { attributes: { global: false } });
    expect(await values(one)).toEqual({});
  });

  test('a workspace lists the sets that hold in it', async () => {
    const [one = '', two = ''] = workspaces;
    await setup('global', {}, { global: true });
    await setup('mine', { K: 'v' }, { in: [one] });
    await setup('theirs', {}, { in: [two] });
    await setup('nowhere');
    const listed = await get(`/workspaces/${one}/varsets?include=vars`);
    expect(listed.list().map(({ attributes }) => attributes['name'])).toEqual(['global', 'mine']);
    expect(JSON.parse(listed.text).included).toHaveLength(1);
  });

  test('a workspace that is deleted leaves the set', async () => {
    const [one = ''] = workspaces;
    const { id } = await setup('s', {}, { in: workspaces });
    await api.as(owner).delete(`/workspaces/${one}`);
    expect(ids((await get(`/varsets/${id}`)).data(), 'workspaces')).toEqual([workspaces[1]]);
  });

  test("another organization's workspace is not found", async () => {
    const foreign = (
      await post('/organizations/other/workspaces', { attributes: { name: `w${count}` } }, stranger)
    ).data();
    const { id } = await setup('s');
    expect((await post(`/varsets/${id}/relationships/workspaces`, references(foreign.id))).status).toBe(404);
    const relationships = { workspaces: { data: references(foreign.id) } };
    const made = await post(`/organizations/${organization}/varsets`, { attributes: { name: 'b' }, relationships });
    expect(made.status).toBe(404);
  });
});

describe('variables of a set', () => {
  test('are made, listed, read, changed and deleted under its own path only', async () => {
    const { id } = await setup('s');
    const path = `/varsets/${id}/relationships/vars`;
    const made = await post(path, { attributes: { key: 'region', value: 'eu', category: 'terraform', hcl: false } });
    expect(made.status).toBe(201);
    const variable = made.data();
    expect(variable.relationships?.['varset']?.data).toEqual({ id, type: 'varsets' });
    expect((await get(path)).list()).toEqual([variable]);
    expect(
      (await send('PATCH', `${path}/${variable.id}`, { attributes: { value: 'us' } })).data().attributes,
    ).toMatchObject({ key: 'region', value: 'us' });
    expect((await get(`${path}/${variable.id}`)).data().attributes['value']).toBe('us');
    for (const wrong of [`/organizations/${organization}/vars`, `/workspaces/${workspaces[0]}/vars`]) {
      expect((await get(`${wrong}/${variable.id}`)).status).toBe(404);
      expect((await get(wrong)).list()).toEqual([]);
    }
    const other = await setup('t');
    expect((await api.as(owner).delete(`/varsets/${other.id}/relationships/vars/${variable.id}`)).status).toBe(404);
    expect((await api.as(owner).delete(`${path}/${variable.id}`)).status).toBe(204);
    expect((await get(path)).list()).toEqual([]);
  });

  test('follow the rules that all variables follow', async () => {
    const { id } = await setup('s');
    const path = `/varsets/${id}/relationships/vars`;
    const refused = [
      { key: 'TF_CLI_ARGS', value: 'x', category: 'env' },
      { key: 'AWS_MFA_SERIAL_NUMBER', value: 'arn:aws:iam::123456789012:user/x', category: 'env' },
      { key: 'A B', value: 'x', category: 'terraform' },
    ];
    for (const attributes of refused) expect((await post(path, { attributes })).status).toBe(422);
    const attributes = { key: 'ONCE', value: 'x', category: 'env' };
    expect((await post(path, { attributes })).status).toBe(201);
    expect((await post(path, { attributes })).errors()[0]?.code).toBe('already_exists');
    const secret = { key: 'AWS_SECRET_ACCESS_KEY', value: 'a'.repeat(40), category: 'env' };
    expect((await post(path, { attributes: secret })).data().attributes).toMatchObject({
      sensitive: true,
      value: null,
    });
  });

  test('no two global sets have one of the same name, however it comes about', async () => {
    await setup('first', { K: '1' }, { global: true });
    const second = await setup('second', { K: '2' });
    const attributes = { name: 'third', global: true };
    const variable = { attributes: { key: 'K', value: '3', category: 'env' } };
    const refusals = [
      await send('PATCH', `/varsets/${second.id}`, { attributes: { global: true } }),
      await post(`/organizations/${organization}/varsets`, {
        attributes,
        relationships: { vars: { data: [variable] } },
      }),
    ];
    const third = await setup('third', { L: '3' }, { global: true });
    refusals.push(await post(`/varsets/${third.id}/relationships/vars`, variable));
    const [renamed] = (await get(`/varsets/${third.id}/relationships/vars`)).list();
    const renaming = { attributes: { key: 'K' } };
    refusals.push(await send('PATCH', `/varsets/${third.id}/relationships/vars/${renamed?.id}`, renaming));
    for (const refused of refusals) {
      expect(refused.status).toBe(422);
      expect(refused.errors()[0]?.detail).toContain('"first"');
    }
    // Another category is another variable, and another organization another world.
    const terraform = { attributes: { key: 'K', value: '3', category: 'terraform' } };
    expect((await post(`/varsets/${third.id}/relationships/vars`, terraform)).status).toBe(201);
  });
});

test('of each name the strongest holds: priority set, workspace, set, global set, organization', async () => {
  const [one = '', two = ''] = workspaces;
  const keys = ['A', 'B', 'C', 'D', 'E'];
  const of = (value: string, length: number) => Object.fromEntries(keys.slice(0, length).map((key) => [key, value]));
  for (const key of keys) {
    await post(`/organizations/${organization}/vars`, { attributes: { key, value: 'organization', category: 'env' } });
  }
  await setup('everywhere', of('global', 4), { global: true });
  await setup('z', of('set z', 3), { in: [one] });
  await setup('a', of('set a', 3), { in: [one] });
  for (const key of keys.slice(0, 2)) {
    await post(`/workspaces/${one}/vars`, { attributes: { key, value: 'workspace', category: 'env' } });
  }
  await setup('must', of('priority', 1), { in: [one], priority: true });
  expect(await values(one)).toEqual({ A: 'priority', B: 'workspace', C: 'set a', D: 'global', E: 'organization' });
  expect(await values(two)).toEqual({ A: 'global', B: 'global', C: 'global', D: 'global', E: 'organization' });
});

test('what holds in a workspace names no owner that go-tfe does not know', async () => {
  const [one = ''] = workspaces;
  await post(`/organizations/${organization}/vars`, { attributes: { key: 'O', value: '', category: 'env' } });
  await post(`/workspaces/${one}/vars`, { attributes: { key: 'W', value: '', category: 'env' } });
  const { id } = await setup('s', { S: '' }, { in: [one] });
  const all = (await get(`/workspaces/${one}/all-vars`)).list();
  const owners = all.map(({ attributes, relationships }) => [
    attributes['key'],
    relationships?.['configurable']?.data ?? relationships?.['varset']?.data ?? null,
  ]);
  expect(Object.fromEntries(owners)).toEqual({
    O: null,
    W: { id: one, type: 'workspaces' },
    S: { id, type: 'varsets' },
  });
});

test('a member sees names and no values, and changes nothing', async () => {
  const [one = ''] = workspaces;
  const { id } = await setup('s', { NAME: 'for-owners' }, { in: [one] });
  const [variable] = (await get(`/varsets/${id}/relationships/vars`)).list();
  const reads = [
    `/organizations/${organization}/varsets?include=vars,workspaces`,
    `/workspaces/${one}/varsets?include=vars`,
    `/varsets/${id}?include=vars`,
    `/varsets/${id}/relationships/vars`,
    `/workspaces/${one}/all-vars`,
  ];
  for (const path of reads) {
    const answer = await get(path, member);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('NAME');
    expect(answer.text).not.toContain('for-owners');
  }
  const attributes = { key: 'X', value: 'y', category: 'env' };
  const writes = [
    await post(`/organizations/${organization}/varsets`, { attributes: { name: 'mine' } }, member),
    await send('PATCH', `/varsets/${id}`, { attributes: { priority: true } }, member),
    await send('DELETE', `/varsets/${id}`, {}, member),
    await post(`/varsets/${id}/relationships/workspaces`, references(one), member),
    await send('DELETE', `/varsets/${id}/relationships/workspaces`, references(one), member),
    await post(`/varsets/${id}/relationships/vars`, { attributes }, member),
    await send('PATCH', `/varsets/${id}/relationships/vars/${variable?.id}`, { attributes: { value: 'z' } }, member),
    await send('DELETE', `/varsets/${id}/relationships/vars/${variable?.id}`, {}, member),
  ];
  expect(writes.map(({ status }) => status)).toEqual(writes.map(() => 403));
});

test("another organization's set is as if it did not exist", async () => {
  const [one = ''] = workspaces;
  const { id } = await setup('s', { K: 'v' }, { in: [one] });
  const [variable] = (await get(`/varsets/${id}/relationships/vars`)).list();
  const answers = [
    await get(`/organizations/${organization}/varsets`, stranger),
    await get(`/workspaces/${one}/varsets`, stranger),
    await get(`/varsets/${id}`, stranger),
    await get(`/varsets/${id}/relationships/vars`, stranger),
    await get(`/varsets/${id}/relationships/vars/${variable?.id}`, stranger),
    await get(`/vars/${variable?.id}`, stranger),
    await post(`/organizations/${organization}/varsets`, { attributes: { name: 'x' } }, stranger),
    await send('PATCH', `/varsets/${id}`, { attributes: { global: true } }, stranger),
    await send('DELETE', `/varsets/${id}`, {}, stranger),
    await post(`/varsets/${id}/relationships/workspaces`, [], stranger),
    await post(`/varsets/${id}/relationships/vars`, { attributes: { key: 'X', category: 'env' } }, stranger),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
});

test('each change is audited, with names and without values', async () => {
  const [one = ''] = workspaces;
  const { id } = await setup('s', { K: 'needle-of-a-set' });
  await send('PATCH', `/varsets/${id}`, { attributes: { priority: true } });
  await post(`/varsets/${id}/relationships/workspaces`, references(one));
  await send('DELETE', `/varsets/${id}/relationships/workspaces`, references(one));
  const attributes = { key: 'L', value: 'needle-added', category: 'env' };
  await post(`/varsets/${id}/relationships/vars`, { attributes });
  await api.as(owner).delete(`/varsets/${id}`);
  const records = await get(`/organizations/${organization}/audit-records`);
  const ours = records.list().filter((record) => /^var/.test(String(record.attributes['action'])));
  expect(ours.map(({ attributes: { action } }) => action).toReversed()).toEqual([
    'variable_set.created',
    'variable_set.changed',
    'variable_set.applied',
    'variable_set.removed',
    'variable.created',
    'variable_set.deleted',
  ]);
  const stored = ['', '-wal'].map((end) => readFileSync(`${api.databaseFile}${end}`).toString('latin1')).join();
  for (const place of [records.text, api.logLines.join(), stored]) expect(place).not.toContain('needle');
});
