import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';
import { includedIn, names, tfeClient } from '../tfe-requests.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stranger: Person;
beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('acme', { owner, member });
  await api.organization('other', { owner: stranger });
});
afterAll(() => api.close());

const tfe = (who = owner) => tfeClient(api, who);
const words = (...given: string[]) => given.map((name) => ({ type: 'tags', attributes: { name } }));
const bindings = (given: Record<string, string>) =>
  Object.entries(given).map(([key, value]) => ({
    type: 'tag-bindings',
    // go-tfe leaves an empty value out.
    attributes: value === '' ? { key } : { key, value },
  }));

let counter = 0;
async function setup(relationships?: object) {
  const name = `tagged-${++counter}`;
  const body = { data: { type: 'workspaces', attributes: { name }, ...(relationships && { relationships }) } };
  const answer = await tfe().post('/organizations/acme/workspaces', body);
  expect(answer.status, answer.text).toBe(201);
  return { name, id: answer.data().id };
}

const tagNames = async (id: string) => (await tfe(member).get(`/workspaces/${id}`)).data().attributes['tag-names'];
const bound = async (path: string) => (await tfe(member).get(path)).list().map(({ attributes }) => attributes);
const listed = async (query: string) => names(await tfe(member).get(`/organizations/acme/workspaces?${query}`));

describe('terraform init with a tag', () => {
  test('finds what it has made: the tag is among the names and among the bindings', async () => {
    const { id, name } = await setup({ tags: { data: words('init-tag') } });
    expect(await tagNames(id)).toEqual(['init-tag']);
    expect(await bound(`/workspaces/${id}/tag-bindings`)).toEqual([{ key: 'init-tag', value: '' }]);
    const body = { data: [{ type: 'tag-bindings', attributes: { key: 'init-tag' } }] };
    const again = await tfe().patch(`/workspaces/${id}/tag-bindings`, body);
    expect(again.list().map(({ type, attributes }) => [type, attributes])).toEqual([
      ['tag-bindings', { key: 'init-tag', value: '' }],
    ]);
    expect(await listed('search[tags]=init-tag')).toEqual([name]);
  });

  test('with keys and values sends both filters, which find the same', async () => {
    const both = { 'tag-bindings': { data: bindings({ stage: 'prod', area: 'net' }) } };
    const { id, name } = await setup(both);
    await setup({ 'tag-bindings': { data: bindings({ stage: 'test', area: 'net' }) } });
    const query =
      'search[tags]=stage,area&filter[tagged][0][key]=stage&filter[tagged][0][value]=prod' +
      '&filter[tagged][1][key]=area&filter[tagged][1][value]=net';
    expect(await listed(query)).toEqual([name]);
    expect(await tagNames(id)).toEqual(['stage', 'area']);
    expect(await bound(`/workspaces/${id}/tag-bindings`)).toEqual([
      { key: 'stage', value: 'prod' },
      { key: 'area', value: 'net' },
    ]);
  });
});

describe('a list of workspaces', () => {
  test('has those that bear all of the tags, and none of the excluded ones', async () => {
    const red = await setup({ tags: { data: words('red') } });
    const both = await setup({ tags: { data: words('red', 'blue') } });
    const blue = await setup({ 'tag-bindings': { data: bindings({ blue: 'sky' }) } });
    expect(await listed('search[tags]=red')).toEqual([red.name, both.name]);
    expect(await listed('search[tags]=red,blue')).toEqual([both.name]);
    expect(await listed('search[tags]=red&search[exclude-tags]=blue')).toEqual([red.name]);
    expect(await listed('search[tags]=blue&filter[tagged][0][key]=blue&filter[tagged][0][value]=')).toEqual([
      both.name,
      blue.name,
    ]);
    expect(await listed('search[tags]=Red')).toEqual([]);
    expect(await listed('search[exclude-tags]=red&search[tags]=green')).toEqual([]);
  });

  test('finds what a project hands down, but where the workspace gives another value', async () => {
    const project = await tfe().post('/organizations/acme/projects', {
      data: {
        attributes: { name: 'with tags' },
        relationships: { 'tag-bindings': { data: bindings({ team: 'core', cost: '7' }) } },
      },
    });
    const { id: projectId } = project.data();
    const heir = await setup({ project: { data: { id: projectId } } });
    const own = await setup({
      project: { data: { id: projectId } },
      'tag-bindings': { data: bindings({ team: 'edge' }) },
    });
    const team = (value: string) => listed(`filter[tagged][0][key]=team&filter[tagged][0][value]=${value}`);
    expect([await team('core'), await team('edge'), await team('')]).toEqual([
      [heir.name],
      [own.name],
      [heir.name, own.name],
    ]);
    // What is inherited is no tag of its own.
    expect(await bound(`/workspaces/${own.id}/tag-bindings`)).toEqual([{ key: 'team', value: 'edge' }]);
    const effective = (await tfe(member).get(`/workspaces/${own.id}/effective-tag-bindings`)).text;
    expect(
      JSON.parse(effective).data.map(({ attributes, links }: Record<string, object>) => ({ ...attributes, links })),
    ).toEqual([
      { key: 'team', value: 'edge', links: {} },
      { key: 'cost', value: '7', links: { 'inherited-from': `/api/v2/projects/${projectId}` } },
    ]);
    const read = await tfe(member).get(`/workspaces/${own.id}?include=effective_tag_bindings`);
    expect(includedIn(read).map(({ attributes }) => attributes['key'])).toEqual(['team', 'cost']);
    expect(read.data().relationships?.['effective-tag-bindings']?.data).toHaveLength(2);
    expect(await bound(`/projects/${projectId}/effective-tag-bindings`)).toEqual(
      await bound(`/projects/${projectId}/tag-bindings`),
    );
  });
});

describe('tags of a workspace', () => {
  test('are added as words and by id, listed, and removed', async () => {
    const { id } = await setup();
    const path = `/workspaces/${id}/relationships/tags`;
    expect((await tfe().post(path, { data: words('tag1', 'tag2') })).status).toBe(204);
    const [first] = (await tfe(member).get(path)).list();
    const other = await setup();
    const byId = { data: [{ type: 'tags', id: first?.id }] };
    expect((await tfe().post(`/workspaces/${other.id}/relationships/tags`, byId)).status).toBe(204);
    expect(await tagNames(other.id)).toEqual(['tag1']);
    expect((await tfe(member).get(`${path}?page[size]=1&page[number]=2`)).list()).toMatchObject([
      { type: 'tags', attributes: { name: 'tag2' } },
    ]);
    const gone = await tfe().delete(path, { data: words('tag1', 'never-there') });
    expect([gone.status, await tagNames(id), await tagNames(other.id)]).toEqual([204, ['tag2'], ['tag1']]);
  });

  test('keep their value when the word is added again, and get a new one by a binding', async () => {
    const { id } = await setup({ 'tag-bindings': { data: bindings({ stage: 'prod' }) } });
    await tfe().post(`/workspaces/${id}/relationships/tags`, { data: words('stage') });
    expect(await bound(`/workspaces/${id}/tag-bindings`)).toEqual([{ key: 'stage', value: 'prod' }]);
    await tfe().patch(`/workspaces/${id}/tag-bindings`, { data: bindings({ stage: 'test', more: '' }) });
    expect(await bound(`/workspaces/${id}/tag-bindings`)).toEqual([
      { key: 'stage', value: 'test' },
      { key: 'more', value: '' },
    ]);
  });

  test('are replaced with the workspace; an empty list takes them all, as DeleteAllTagBindings asks', async () => {
    const { id } = await setup({ tags: { data: words('a', 'b') } });
    const body = (data: object[]) => ({ data: { type: 'workspaces', relationships: { 'tag-bindings': { data } } } });
    await tfe().patch(`/workspaces/${id}`, body(bindings({ b: '2', c: '' })));
    expect(await tagNames(id)).toEqual(['b', 'c']);
    expect((await tfe().patch(`/workspaces/${id}`, body([]))).status).toBe(200);
    expect(await tagNames(id)).toEqual([]);
    const audit = await api.as(owner).get('/organizations/acme/audit-records?filter[action]=workspace.tags_changed');
    expect(audit.list()[0]?.attributes).toMatchObject({
      'target-id': id,
      details: { before: { b: '2', c: '' }, after: {} },
    });
  });

  test('are no more than 25, and what would be too many changes nothing', async () => {
    const { id } = await setup({ tags: { data: words('first') } });
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`tag-${index}`, '']));
    const answer = await tfe().patch(`/workspaces/${id}/tag-bindings`, { data: bindings(many) });
    expect([answer.status, answer.errors()[0]?.detail]).toEqual([422, expect.stringContaining('cannot exceed 25')]);
    expect(await tagNames(id)).toEqual(['first']);
  });

  test.each(['with,comma', ' space', '', 'x'.repeat(129)])('cannot be called "%s"', async (name) => {
    const { id } = await setup();
    const answer = await tfe().post(`/workspaces/${id}/relationships/tags`, { data: words(name) });
    expect([answer.status, answer.errors()[0]?.source?.pointer]).toEqual([422, '/data/0/attributes/name']);
  });

  test('are given and taken by owners only', async () => {
    const { id } = await setup();
    const answers = [
      await tfe(member).post(`/workspaces/${id}/relationships/tags`, { data: words('a') }),
      await tfe(member).delete(`/workspaces/${id}/relationships/tags`, { data: words('a') }),
      await tfe(member).patch(`/workspaces/${id}/tag-bindings`, { data: bindings({ a: '' }) }),
      await tfe(member).delete('/organizations/acme/tags', { data: [] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });
});

describe('the tags of an organization', () => {
  const list = async (query = '') => (await tfe(member).get(`/organizations/acme/tags?page[size]=100&${query}`)).list();

  test('are those that something bears, with how many workspaces do', async () => {
    const one = await setup({ tags: { data: words('counted', 'alone') } });
    await setup({ tags: { data: words('counted') } });
    const [counted] = await list('q=COUNT');
    expect(counted).toMatchObject({
      type: 'tags',
      attributes: { name: 'counted', 'instance-count': 2 },
      relationships: { organization: { data: { id: 'acme' } } },
    });
    const without = await list(`filter[exclude][taggable][id]=${one.id}`);
    expect(without.map(({ attributes }) => attributes['name'])).not.toContain('counted');
    await tfe().delete(`/workspaces/${one.id}/relationships/tags`, { data: words('alone') });
    expect(await list('q=alone')).toEqual([]);
  });

  test('are given to workspaces, and taken from all at once', async () => {
    const [one, two] = [await setup({ tags: { data: words('shared-tag') } }), await setup()];
    const [tag] = await list('q=shared-tag');
    const path = `/tags/${tag?.id}/relationships/workspaces`;
    expect((await tfe().post(path, { data: [{ type: 'workspaces', id: two.id }] })).status).toBe(204);
    expect(await tagNames(two.id)).toEqual(['shared-tag']);
    const gone = await tfe().delete('/organizations/acme/tags', { data: [{ type: 'tags', id: tag?.id }] });
    expect([gone.status, await tagNames(one.id), await tagNames(two.id)]).toEqual([204, [], []]);
  });

  test('are not there for another organization', async () => {
    const { id } = await setup({ tags: { data: words('secret-word') } });
    const [tag] = await list('q=secret-word');
    const theirs = await tfe(stranger).post('/organizations/other/workspaces', {
      data: { attributes: { name: 'theirs' } },
    });
    const answers = [
      await tfe(stranger).get('/organizations/acme/tags'),
      await tfe(stranger).delete('/organizations/acme/tags', { data: [{ id: tag?.id }] }),
      await tfe(stranger).get(`/workspaces/${id}/relationships/tags`),
      await tfe(stranger).get(`/workspaces/${id}/tag-bindings`),
      await tfe(stranger).get(`/workspaces/${id}/effective-tag-bindings`),
      await tfe(stranger).post(`/workspaces/${id}/relationships/tags`, { data: words('x') }),
      await tfe(stranger).patch(`/workspaces/${id}/tag-bindings`, { data: bindings({ x: '' }) }),
      await tfe(stranger).post(`/tags/${tag?.id}/relationships/workspaces`, { data: [{ id: theirs.data().id }] }),
      await tfe(stranger).post(`/workspaces/${theirs.data().id}/relationships/tags`, { data: [{ id: tag?.id }] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    // Nor are they deleted by naming them in one's own.
    await tfe(stranger).delete('/organizations/other/tags', { data: [{ id: tag?.id }] });
    expect(await tagNames(id)).toEqual(['secret-word']);
  });
});
