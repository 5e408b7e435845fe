import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let admin: Person;
let owner: Person;
let member: Person;
let stranger: Person;

beforeAll(async () => {
  api = await startApi();
  admin = await api.person('root', { isSiteAdmin: true });
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
  await api.organization('acme', { owner, member });
});
afterAll(() => api.close());

let counter = 0;
/** An organization of its own for what changes it. */
async function setup() {
  counter++;
  const name = `org-${counter}`;
  await api.organization(name, { owner, member });
  const members = (await api.as(owner).get(`/organizations/${name}/organization-memberships`)).list();
  const idOf = (username: string) => members.find(({ attributes }) => attributes['username'] === username)?.id ?? '';
  return { name, path: `/organizations/${name}`, ownerId: idOf('olga'), memberId: idOf('mo') };
}

describe('making an organization', () => {
  test('is for site admins, who become its owner', async () => {
    const answer = await api.as(admin).post('/organizations', { name: 'new-org', email: 'a@example.com' });
    expect(answer.status).toBe(201);
    expect(answer.data()).toMatchObject({ id: 'new-org', type: 'organizations', attributes: { role: 'owner' } });
    expect((await api.as(admin).get('/organizations')).list().map(({ id }) => id)).toEqual(['new-org']);
    expect((await api.as(owner).post('/organizations', { name: 'mine', email: 'a@example.com' })).status).toBe(403);
  });

  const bad: [string, object, string][] = [
    ['a slash', { name: 'a/bc', email: 'a@example.com' }, 'name'],
    ['two letters', { name: 'ab', email: 'a@example.com' }, 'name'],
    ['41 letters', { name: 'a'.repeat(41), email: 'a@example.com' }, 'name'],
    ['a taken name in capitals', { name: 'ACME', email: 'a@example.com' }, 'name'],
    ['no address', { name: 'fine' }, 'email'],
    ['an address that is none', { name: 'fine', email: 'fine' }, 'email'],
  ];
  test.each(bad)('with %s is refused', async (_what, attributes, field) => {
    const answer = await api.as(admin).post('/organizations', attributes);
    expect(answer.status).toBe(422);
    expect(answer.errors()[0]?.source).toEqual({ pointer: `/data/attributes/${field}` });
  });
});

test('the terraform CLI learns that runs happen here', async () => {
  const answer = await api.as(member).get('/organizations/acme/entitlement-set');
  expect(answer.data()).toMatchObject({ id: 'acme', type: 'entitlement-sets', attributes: { operations: true } });
});

test('a site admin who is no member sees nothing of an organization', async () => {
  expect((await api.as(admin).get('/organizations/acme')).status).toBe(404);
});

describe('members', () => {
  test('are added by an owner, with an initial password when they are new', async () => {
    const { path } = await setup();
    const invite = { username: `new-${counter}`, password: 'initial password' };
    const answer = await api.as(owner).post(`${path}/organization-memberships`, invite);
    expect(answer.status).toBe(201);
    expect(answer.data().attributes).toMatchObject({ username: invite.username, role: 'member' });
    expect(answer.text).not.toContain('initial password');
    const { username, password } = invite;
    const signIn = await api.ask({ method: 'POST', url: '/api/v2/session', payload: { username, password } });
    expect(signIn.status).toBe(201);
  });

  const refused: [string, object, RegExp][] = [
    ['nobody knows', { username: 'ghost' }, /initial password/],
    ['is a member', { username: 'mo' }, /already/],
    ['exists, with a password', { username: 'sam', password: 'initial password' }, /already/],
    ['gets a short password', { username: 'shorty', password: 'short' }, /10 characters/],
    ['gets an unknown role', { username: 'sam', role: 'king' }, /owner/],
  ];
  test.each(refused)('somebody who %s is refused', async (_what, attributes, detail) => {
    const answer = await api.as(owner).post('/organizations/acme/organization-memberships', attributes);
    expect(answer.status).toBe(422);
    expect(answer.errors()[0]?.detail).toMatch(detail);
    expect(answer.text).not.toContain('"short"');
  });

  test('change their role by an owner, which is audited', async () => {
    const { path, memberId } = await setup();
    const answer = await api.as(owner).patch(`/organization-memberships/${memberId}`, { role: 'owner' });
    expect(answer.data().attributes['role']).toBe('owner');
    const [record] = (await api.as(owner).get(`${path}/audit-records?filter[action]=member.role_changed`)).list();
    expect(record?.attributes['details']).toEqual({ username: 'mo', before: 'member', after: 'owner' });
  });

  test('leave by themselves', async () => {
    const { path, memberId } = await setup();
    expect((await api.as(member).delete(`/organization-memberships/${memberId}`)).status).toBe(204);
    expect((await api.as(member).get(path)).status).toBe(404);
  });

  test('the last owner neither leaves nor steps down', async () => {
    const { path, ownerId } = await setup();
    const answers = [
      await api.as(owner).delete(`/organization-memberships/${ownerId}`),
      await api.as(owner).patch(`/organization-memberships/${ownerId}`, { role: 'member' }),
    ];
    for (const answer of answers) expect(answer.errors()[0]?.code).toBe('conflict');
    expect((await api.as(owner).get(path)).data().attributes['role']).toBe('owner');
  });
});

// Who may do what: [owner, member, stranger, nobody].
type Method = 'get' | 'post' | 'patch' | 'delete';
const routes: [Method, string, object | undefined, number[]][] = [
  ['get', '/organizations/acme', undefined, [200, 200, 404, 401]],
  ['patch', '/organizations/acme', { email: 'b@example.com' }, [200, 403, 404, 401]],
  ['get', '/organizations/acme/entitlement-set', undefined, [200, 200, 404, 401]],
  ['get', '/organizations/acme/organization-memberships', undefined, [200, 200, 404, 401]],
  ['post', '/organizations/acme/organization-memberships', { username: 'ghost' }, [422, 403, 404, 401]],
  ['get', '/organizations/acme/audit-records', undefined, [200, 403, 404, 401]],
  ['get', '/organizations/acme/workspaces', undefined, [200, 200, 404, 401]],
  ['post', '/organizations/acme/workspaces', { name: 'only-once' }, [201, 403, 404, 401]],
  ['get', '/organizations/acme/vars', undefined, [200, 200, 404, 401]],
  ['post', '/organizations/acme/vars', { key: 'ONCE', value: 'x', category: 'env' }, [201, 403, 404, 401]],
];

test.each(routes)('%s %s', async (method, path, attributes, [byOwner, byMember, byStranger, byNobody]) => {
  const ask = (who: { token: string }) => api.as(who)[method](path, attributes ?? {});
  expect((await ask({ token: 'gh_nobody' })).status, 'nobody').toBe(byNobody);
  expect((await ask(stranger)).status, 'stranger').toBe(byStranger);
  expect((await ask(member)).status, 'member').toBe(byMember);
  expect((await ask(owner)).status, 'owner').toBe(byOwner);
});

describe('adding a member as go-tfe does', () => {
  test('goes by the address that a site admin has set, with teams', async () => {
    const { path } = await setup();
    const password = 'correct horse battery';
    const made = await api.as(admin).post('/users', { username: 'eve', password, email: 'Eve@Example.com' });
    expect(made.data().attributes['email']).toBe('eve@example.com');
    const teams = (await api.as(owner).get(`${path}/teams`)).list().map(({ id }) => ({ id, type: 'teams' }));
    const add = (attributes: object, relationships: object) =>
      api.ask({
        method: 'POST',
        url: `/api/v2${path}/organization-memberships`,
        headers: { authorization: `Bearer ${owner.token}` },
        payload: { data: { type: 'organization-memberships', attributes, relationships } },
      });
    const answer = await add({ email: 'eve@example.COM' }, { teams: { data: teams } });
    expect(answer.status).toBe(201);
    expect(answer.data()).toMatchObject({
      attributes: { username: 'eve', email: 'eve@example.com', role: 'owner', status: 'active' },
      relationships: { teams: { data: teams } },
    });
    const found = await api
      .as(owner)
      .get(`${path}/organization-memberships?filter[email]=eve@example.com&include=user`);
    expect(found.list().map(({ attributes }) => attributes['username'])).toEqual(['eve']);
    expect(JSON.parse(found.text).included).toMatchObject([{ type: 'users', attributes: { username: 'eve' } }]);
    expect((await api.as(owner).get(`${path}/organization-memberships?q=MO`)).list()).toHaveLength(1);
    expect((await api.as(owner).get(`${path}/organization-memberships?filter[status]=invited`)).list()).toEqual([]);

    const unknown = await add({ email: 'nobody@example.com' }, {});
    expect(unknown.errors()[0]).toMatchObject({
      code: 'invalid_request',
      source: { pointer: '/data/attributes/email' },
    });
    const foreign = (await api.as(owner).get('/organizations/acme/teams'))
      .list()
      .map(({ id }) => ({ id, type: 'teams' }));
    expect((await add({ username: 'sam' }, { teams: { data: foreign } })).status).toBe(422);
    expect((await api.as(stranger).get(path)).status).toBe(404);
  });

  test('trusts no address that people give themselves', async () => {
    const own = await api.as(member).patch('/account/update', { email: 'eve@other.example' });
    expect(own.status).toBe(403);
    expect((await api.as(member).patch(`/users/${owner.id}`, { username: 'mine' })).status).toBe(403);
    const set = await api.as(admin).patch(`/users/${member.id}`, { email: 'mo@example.com' });
    expect(set.data().attributes['email']).toBe('mo@example.com');
    const taken = await api.as(admin).patch(`/users/${owner.id}`, { email: 'MO@example.com' });
    expect(taken.errors()[0]).toMatchObject({ code: 'already_exists' });
  });
});

describe('adding a member with an address beside the name', () => {
  const path = '/organizations/acme/organization-memberships';
  const password = 'initial password';

  test('is refused in words where the address would not be kept', async () => {
    const by = api.as(owner);
    const answers = [
      await by.post(path, { username: 'newcomer', password, email: 'newcomer@example.com' }),
      await by.post(path, { username: 'sam', email: 'sam@example.com' }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.errors()[0]?.source]).toEqual([422, { pointer: '/data/attributes/email' }]);
    }
    expect(answers[0]?.errors()[0]?.detail).toMatch(/Only a site admin/);
    expect((await by.get(`${path}?q=newcomer`)).list()).toEqual([]);
  });

  test('sets it where a site admin does it', async () => {
    await api.organization('admins-own', { owner: admin });
    const given = { username: 'ada', password, email: 'Ada@example.com' };
    const made = await api.as(admin).post('/organizations/admins-own/organization-memberships', given);
    expect([made.status, made.data().attributes]).toMatchObject([201, { email: 'ada@example.com' }]);
    expect((await api.as(owner).post(path, { email: 'ada@example.com' })).status).toBe(201);
  });
});

describe('a user', () => {
  test('is shown with all that go-tfe reads', async () => {
    const shown = async (who: Person) => (await api.as(who).get('/account/details')).data().attributes;
    expect(await shown(stranger)).toMatchObject({
      'two-factor': { enabled: false, verified: false },
      permissions: { 'can-create-organizations': false, 'can-change-email': false, 'can-change-username': true },
      'is-admin': false,
      'is-sso-login': false,
      'v2-only': true,
      'avatar-url': null,
      'unconfirmed-email': null,
    });
    expect(await shown(admin)).toMatchObject({
      permissions: { 'can-create-organizations': true, 'can-change-email': true },
      'is-admin': true,
    });
  });

  test('is seen by who shares an organization with them', async () => {
    expect((await api.as(member).get(`/users/${owner.id}`)).data().attributes['username']).toBe('olga');
    expect((await api.as(stranger).get(`/users/${stranger.id}`)).status).toBe(200);
    expect((await api.as(stranger).get(`/users/${owner.id}`)).status).toBe(404);
  });

  test('changes their own name, to one that is free', async () => {
    const nora = await api.person('nora');
    expect((await api.as(nora).patch('/account/update', { username: 'eleonora' })).data().id).toBe(nora.id);
    expect((await api.as(nora).get('/account/details')).data().attributes['username']).toBe('eleonora');
    expect((await api.as(nora).patch('/account/update', { username: 'OLGA' })).errors()[0]?.code).toBe(
      'already_exists',
    );
    expect((await api.as(nora).patch('/account/update', { username: 'Eleonora' })).status).toBe(200);
  });
});

describe('a page of a list', () => {
  test.each(['101', '1000000'])('of the size %s holds the hundred that a page can', async (size) => {
    const name = `crowd-${size}`;
    await api.organization(name, { owner });
    const path = `/organizations/${name}/teams`;
    for (let n = 1; n <= 100; n++) await api.as(owner).post(path, { name: `team-${n}` });
    const page = await api.as(owner).get(`${path}?page[size]=${size}`);
    expect([page.status, page.list().length]).toEqual([200, 100]);
    // The owners' team is the one more.
    expect(JSON.parse(page.text).meta.pagination).toMatchObject({
      'next-page': 2,
      'total-pages': 2,
      'total-count': 101,
    });
  });

  test.each(['0', '-1', '1.5', 'many'])('of the size %s is refused', async (size) => {
    const answer = await api.as(owner).get(`/organizations/acme/teams?page[size]=${size}`);
    expect([answer.status, answer.errors()[0]?.source]).toEqual([422, { parameter: 'page[size]' }]);
  });
});

describe('an organization', () => {
  test('is found by part of its name, among those that I am a member of', async () => {
    const lena = await api.person('lena');
    for (const name of ['find-me', 'Find-me-too', 'other-one']) await api.organization(name, { owner: lena });
    const found = await api.as(lena).get('/organizations?q=FIND_ME&page[size]=1');
    expect(found.list()).toEqual([]);
    const page = await api.as(lena).get('/organizations?q=FIND-ME&page[size]=1&page[number]=2');
    expect(page.list().map(({ id }) => id)).toEqual(['find-me']);
    expect(JSON.parse(page.text).meta.pagination['total-count']).toBe(2);
    expect((await api.as(stranger).get('/organizations?q=find')).list()).toEqual([]);
  });

  test('comes with its default project where that is asked for', async () => {
    const read = await api.as(member).get('/organizations/acme?include=default_project');
    const project = read.data().relationships?.['default-project']?.data;
    expect(JSON.parse(read.text).included).toEqual([
      expect.objectContaining({ ...Object(project), attributes: expect.objectContaining({ 'is-default': true }) }),
    ]);
    const list = await api.as(member).get('/organizations?q=acme&include=default_project');
    expect(JSON.parse(list.text).included).toMatchObject([project]);
    const refused = await api.as(member).get('/organizations/acme?include=everything');
    expect([refused.status, refused.errors()[0]?.code]).toEqual([400, 'invalid_include']);
  });

  test('says what go-tfe reads of it, and takes what its newest version sends along', async () => {
    const { path } = await setup();
    const newest = { 'registry-monorepo-support-enabled': true };
    const changed = await api.as(owner).patch(path, newest);
    expect(changed.status).toBe(200);
    const { attributes } = changed.data();
    expect(attributes).toMatchObject({
      'default-execution-mode': 'remote',
      permissions: { 'can-create-project': true },
    });
    expect((await api.as(member).get(path)).data().attributes).toMatchObject({
      permissions: { 'can-create-project': false },
    });
  });

  test('keeps its name', async () => {
    const { name, path } = await setup();
    expect((await api.as(owner).patch(path, { name, email: 'b@example.com' })).status).toBe(200);
    const answer = await api.as(owner).patch(path, { name: 'another' });
    expect(answer.errors()[0]?.source).toEqual({ pointer: '/data/attributes/name' });
  });

  test('is deleted by owners, with all that is in it and the tokens of its teams', async () => {
    const { name, path } = await setup();
    await api.as(owner).post(`${path}/workspaces`, { name: 'prod' });
    await api.as(owner).post(`${path}/vars`, { key: 'A', value: 'b', category: 'env' });
    const team = (await api.as(owner).post(`${path}/teams`, { name: 'deploy' })).data().id;
    const tokens = [
      await api.as(owner).post(`/teams/${team}/authentication-token`, {}),
      await api.as(owner).post(`${path}/authentication-token`, {}),
    ].map((answer) => ({ token: String(answer.data().attributes['token']) }));
    expect((await api.as(member).delete(path)).status).toBe(403);
    expect((await api.as(stranger).delete(path)).status).toBe(404);
    expect((await api.as(owner).delete(path)).status).toBe(204);
    expect((await api.as(owner).get(path)).status).toBe(404);
    for (const token of tokens) expect((await api.as(token).get('/account/details')).status).toBe(401);
    // Its name is free again.
    expect((await api.as(admin).post('/organizations', { name, email: 'a@example.com' })).status).toBe(201);
  });
});
