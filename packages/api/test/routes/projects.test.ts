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
let counter = 0;
async function setup(attributes: object = {}, relationships?: object) {
  const name = `project ${++counter}`;
  const answer = await tfe().post('/organizations/acme/projects', {
    data: { type: 'projects', attributes: { name, ...attributes }, ...(relationships && { relationships }) },
  });
  return { name, id: answer.status === 201 ? answer.data().id : '', answer };
}

async function workspace(relationships?: object) {
  const answer = await tfe().post('/organizations/acme/workspaces', {
    data: {
      type: 'workspaces',
      attributes: { name: `of-project-${++counter}` },
      ...(relationships && { relationships }),
    },
  });
  return answer.data();
}

const defaultProject = async (organization = 'acme', who = owner) => {
  const data = (await tfe(who).get(`/organizations/${organization}`)).data().relationships?.['default-project']?.data;
  return (data as { id: string }).id;
};
const projectOf = (resource: { relationships?: Record<string, { data?: unknown }> | undefined }) =>
  resource.relationships?.['project']?.data;

describe('an organization', () => {
  test('has a default project from the start, where workspaces are made that name none', async () => {
    const id = await defaultProject();
    const project = (await tfe(member).get(`/projects/${id}`)).data();
    expect(project).toMatchObject({
      type: 'projects',
      attributes: { name: 'Default Project', 'is-default': true, 'default-execution-mode': 'remote' },
      relationships: { organization: { data: { id: 'acme', type: 'organizations' } } },
    });
    expect(projectOf(await workspace())).toEqual({ id, type: 'projects' });
  });

  test('keeps its default project: it may be renamed, but is not deleted', async () => {
    const id = await defaultProject();
    const answer = await tfe().delete(`/projects/${id}`);
    expect([answer.status, answer.errors()[0]?.code]).toEqual([409, 'conflict']);
    expect((await tfe().patch(`/projects/${id}`, { data: { attributes: { name: 'Common' } } })).status).toBe(200);
    expect(projectOf(await workspace())).toEqual({ id, type: 'projects' });
    await tfe().patch(`/projects/${id}`, { data: { attributes: { name: 'Default Project' } } });
  });
});

describe('a project', () => {
  test('is made, read, changed and deleted by an owner', async () => {
    const { id, name, answer } = await setup({ description: 'Everything of it' });
    expect([answer.status, answer.data().attributes]).toMatchObject([
      201,
      { name, description: 'Everything of it', permissions: { 'can-update': true, 'can-destroy': true } },
    ]);
    const changed = await tfe().patch(`/projects/${id}`, {
      data: { type: 'projects', attributes: { description: '' } },
    });
    expect(changed.data().attributes).toMatchObject({ name, description: '' });
    expect((await tfe().delete(`/projects/${id}`)).status).toBe(204);
    expect((await tfe().get(`/projects/${id}`)).status).toBe(404);
    const actions = (await api.as(owner).get('/organizations/acme/audit-records')).list();
    const ofProject = actions.filter(({ attributes }) => attributes['target-id'] === id);
    expect(ofProject.map(({ attributes }) => attributes['action'])).toEqual([
      'project.deleted',
      'project.changed',
      'project.created',
    ]);
  });

  test('is not made by a member, whose terraform says who could', async () => {
    const body = { data: { type: 'projects', attributes: { name: 'wanted' } } };
    const answer = await tfe(member).post('/organizations/acme/projects', body);
    expect(answer.status).toBe(403);
    expect(answer.errors()[0]?.detail).toBe(
      'Only an owner of acme may make a project, and there is none called "wanted". An owner can: olga.',
    );
    const { id } = await setup();
    expect((await tfe(member).patch(`/projects/${id}`, { data: { attributes: {} } })).status).toBe(403);
    expect((await tfe(member).delete(`/projects/${id}`)).status).toBe(403);
  });

  test.each([
    ['too short', 'ab', /3 to 40/],
    ['with a slash', 'a/b/c', /Name may only contain/],
    ['with a space at its end', 'abc ', /no space at an end/],
  ])('with a name %s is refused', async (_what, name, rule) => {
    const { answer } = await setup({ name });
    expect(answer.status).toBe(422);
    expect(answer.errors()[0]).toMatchObject({ source: { pointer: '/data/attributes/name' } });
    expect(answer.errors()[0]?.detail).toMatch(rule);
  });

  test('cannot have the name of another of its organization', async () => {
    const { name } = await setup();
    expect((await setup({ name })).answer.errors()[0]?.code).toBe('already_exists');
    const elsewhere = await tfe(stranger).post('/organizations/other/projects', { data: { attributes: { name } } });
    expect(elsewhere.status).toBe(201);
  });

  test('is not deleted while it has workspaces, and says how many', async () => {
    const { id } = await setup();
    const { id: workspaceId } = await workspace({ project: { data: { type: 'projects', id } } });
    const refused = await tfe().delete(`/projects/${id}`);
    expect([refused.status, refused.errors()[0]?.detail]).toEqual([409, expect.stringContaining('has a workspace')]);
    expect((await tfe().get(`/projects/${id}`)).data().attributes['workspace-count']).toBe(1);
    await tfe().delete(`/workspaces/${workspaceId}`);
    expect((await tfe().delete(`/projects/${id}`)).status).toBe(204);
  });

  test('is found by whole names, as the terraform CLI asks, by a part of its name, and by its tags', async () => {
    const bindings = {
      'tag-bindings': { data: [{ type: 'tag-bindings', attributes: { key: 'layer', value: 'net' } }] },
    };
    const one = await setup({ name: 'Find me' }, bindings);
    const two = await setup({ name: 'Find me too' });
    const list = (query: string) => tfe(member).get(`/organizations/acme/projects?${query}`);
    expect(names(await list('filter[names]=Find%20me'))).toEqual(['Find me']);
    expect(names(await list('filter[names]=Find%20me,Find%20me%20too'))).toEqual(
      [one.name, two.name].map(() => expect.any(String)),
    );
    expect(names(await list('q=FIND'))).toEqual(['Find me', 'Find me too']);
    expect(names(await list('filter[names]=nobody'))).toEqual([]);
    expect(names(await list('filter[tagged][0][key]=layer&filter[tagged][0][value]='))).toEqual(['Find me']);
    expect(names(await list('filter[tagged][0][key]=layer&filter[tagged][0][value]=app'))).toEqual([]);
    const paged = await list('q=FIND&page[size]=1&page[number]=2');
    expect([names(paged), JSON.parse(paged.text).meta.pagination['total-count']]).toEqual([['Find me too'], 2]);
    const withTags = await list('q=FIND&include=effective_tag_bindings');
    expect(includedIn(withTags).map(({ attributes }) => attributes)).toEqual([{ key: 'layer', value: 'net' }]);
    expect((await list('include=nonsense')).errors()[0]).toMatchObject({ status: '400', code: 'invalid_include' });
  });
});

describe('a workspace', () => {
  test('is made in the project that a cloud block names', async () => {
    const { id, name } = await setup();
    // go-tfe sends the whole project along.
    const data = { type: 'projects', id, attributes: { name, 'is-unified': false } };
    const made = await workspace({ project: { data } });
    expect(projectOf(made)).toEqual({ id, type: 'projects' });
    const found = await tfe(member).get(`/organizations/acme/workspaces?filter[project][id]=${id}&include=project`);
    expect(found.list().map((each) => each.id)).toEqual([made.id]);
    expect(includedIn(found)).toMatchObject([{ id, type: 'projects', attributes: { name } }]);
  });

  test('moves by a change of its own, and by the project that takes it', async () => {
    const [first, second] = [await setup(), await setup()];
    const { id } = await workspace();
    const body = {
      data: { type: 'workspaces', id, relationships: { project: { data: { type: 'projects', id: first.id } } } },
    };
    expect(projectOf((await tfe().patch(`/workspaces/${id}`, body)).data())).toEqual({
      id: first.id,
      type: 'projects',
    });
    const moved = await tfe().post(`/projects/${second.id}/relationships/workspaces`, {
      data: [{ type: 'workspaces', id }],
    });
    expect(moved.status).toBe(204);
    expect(projectOf((await tfe().get(`/workspaces/${id}`)).data())).toEqual({ id: second.id, type: 'projects' });
    const audit = await api.as(owner).get('/organizations/acme/audit-records?filter[action]=workspace.changed');
    expect(audit.list()[0]?.attributes['details']).toMatchObject({
      changes: { projectId: { before: first.id, after: second.id } },
    });
    const asMember = await tfe(member).post(`/projects/${first.id}/relationships/workspaces`, { data: [{ id }] });
    expect(asMember.status).toBe(403);
  });
});

test('another organization finds no project, and takes none', async () => {
  const { id } = await setup();
  const theirs = await defaultProject('other', stranger);
  const mine = await workspace();
  const answers = [
    await tfe(stranger).get('/organizations/acme/projects'),
    await tfe(stranger).get(`/projects/${id}`),
    await tfe(stranger).patch(`/projects/${id}`, { data: { attributes: { description: 'x' } } }),
    await tfe(stranger).delete(`/projects/${id}`),
    await tfe(stranger).get(`/projects/${id}/tag-bindings`),
    await tfe(stranger).get(`/projects/${id}/effective-tag-bindings`),
    await tfe(stranger).patch(`/projects/${id}/tag-bindings`, { data: [{ attributes: { key: 'a' } }] }),
    await tfe(stranger).post(`/projects/${theirs}/relationships/workspaces`, { data: [{ id: mine.id }] }),
    await tfe().post(`/projects/${theirs}/relationships/workspaces`, { data: [{ id: mine.id }] }),
    await tfe().patch(`/workspaces/${mine.id}`, { data: { relationships: { project: { data: { id: theirs } } } } }),
    await tfe().post('/organizations/acme/workspaces', {
      data: { attributes: { name: 'stray' }, relationships: { project: { data: { id: theirs } } } },
    }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  expect((await tfe().get('/organizations/acme/workspaces/stray')).status).toBe(404);
});

test('someone who owns both organizations moves no workspace from one into the other', async () => {
  const both = await api.person('bo');
  await api.organization('first', { owner: both });
  await api.organization('second', { owner: both });
  const made = await tfe(both).post('/organizations/first/workspaces', { data: { attributes: { name: 'settled' } } });
  const elsewhere = await defaultProject('second', both);
  const data = [{ type: 'workspaces', id: made.data().id }];
  expect((await tfe(both).post(`/projects/${elsewhere}/relationships/workspaces`, { data })).status).toBe(404);
});
