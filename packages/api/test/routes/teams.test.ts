import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberNames } from '../../src/store/memberships.ts';
import { type Answer, type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let stranger: Person;

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  stranger = await api.person('sam');
});
afterAll(() => api.close());

let counter = 0;
/** An organization of its own with a team that members see. */
async function setup(attributes: object = {}) {
  counter++;
  const name = `org-${counter}`;
  await api.organization(name, { owner, member });
  const path = `/organizations/${name}`;
  const made = await api.as(owner).post(`${path}/teams`, { name: 'deploy', visibility: 'organization', ...attributes });
  expect(made.status).toBe(201);
  const team = made.data().id;
  const owners = (await api.as(owner).get(`${path}/teams?filter[names]=owners`)).list()[0]?.id ?? '';
  return { name, path, team, owners };
}

/** `data` as clients send identifiers: a list. */
function relate(who: Person, method: 'POST' | 'DELETE', path: string, ids: string[], type = 'users') {
  return api.ask({
    method,
    url: `/api/v2${path}`,
    headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/vnd.api+json' },
    payload: JSON.stringify({ data: ids.map((id) => ({ type, id })) }),
  });
}

function tokenOf(answer: Answer): Pick<Person, 'token'> {
  expect(answer.status).toBe(201);
  return { token: String(answer.data().attributes['token']) };
}

function related(answer: Answer, name: string): unknown {
  return answer.data().relationships?.[name]?.data;
}

describe('teams', () => {
  test('begin with owners, which are the owners', async () => {
    const { path, owners } = await setup();
    expect((await api.as(owner).get(`${path}/teams`)).list().map(({ attributes }) => attributes['name'])).toEqual([
      'deploy',
      'owners',
    ]);
    const answer = await api.as(owner).get(`/teams/${owners}?include=users`);
    expect(answer.data().attributes).toMatchObject({
      name: 'owners',
      'users-count': 1,
      'organization-access': { 'manage-workspaces': true },
      permissions: { 'can-destroy': false },
    });
    expect(related(answer, 'users')).toEqual([{ id: owner.id, type: 'users' }]);
    expect(JSON.parse(answer.text).included).toMatchObject([{ type: 'users', attributes: { username: 'olga' } }]);
    for (const change of [
      await api.as(owner).patch(`/teams/${owners}`, { name: 'others' }),
      await api.as(owner).delete(`/teams/${owners}`),
      await api.as(owner).post(`${path}/teams`, { name: 'Owners' }),
    ]) {
      expect(change.status).toBe(422);
    }
  });

  test('are found by name, and by a part of it', async () => {
    const { path } = await setup();
    await api.as(owner).post(`${path}/teams`, { name: 'deny' });
    const names = async (query: string) =>
      (await api.as(owner).get(`${path}/teams?${query}`)).list().map(({ attributes }) => attributes['name']);
    expect(await names('filter[names]=deploy,owners')).toEqual(['deploy', 'owners']);
    expect(await names('filter%5Bnames%5D=nobody')).toEqual([]);
    expect(await names('q=DE')).toEqual(['deny', 'deploy']);
    expect(await names('page[size]=1&page[number]=2')).toEqual(['deploy']);
  });

  test('are renamed and deleted by owners', async () => {
    const { path, team } = await setup();
    const answer = await api.as(owner).patch(`/teams/${team}`, { name: 'ship', 'sso-team-id': 'x' });
    expect(answer.data().attributes).toMatchObject({ name: 'ship', 'sso-team-id': 'x', visibility: 'organization' });
    expect((await api.as(owner).delete(`/teams/${team}`)).status).toBe(204);
    expect((await api.as(owner).get(`/teams/${team}`)).status).toBe(404);
    const records = (await api.as(owner).get(`${path}/audit-records`)).list();
    expect(records.map(({ attributes }) => attributes['action'])).toEqual(
      expect.arrayContaining(['team.created', 'team.changed', 'team.deleted']),
    );
  });

  test('that are secret show themselves to owners and to their own', async () => {
    const { path, team } = await setup({ visibility: 'secret' });
    expect((await api.as(member).get(`${path}/teams`)).list()).toEqual([]);
    expect((await api.as(member).get(`/teams/${team}`)).status).toBe(404);
    await relate(owner, 'POST', `/teams/${team}/relationships/users`, ['mo']);
    expect((await api.as(member).get(`${path}/teams`)).list().map(({ id }) => id)).toEqual([team]);
    expect((await api.as(member).get(`/teams/${team}`)).status).toBe(200);
  });

  test('of another organization are not found, and members decide nothing', async () => {
    const { path, team } = await setup();
    for (const answer of [
      await api.as(stranger).get(`${path}/teams`),
      await api.as(stranger).get(`/teams/${team}`),
      await api.as(stranger).delete(`/teams/${team}`),
      await api.as(stranger).post(`/teams/${team}/authentication-token`, {}),
      await relate(stranger, 'POST', `/teams/${team}/relationships/users`, ['sam']),
    ]) {
      expect(answer.status).toBe(404);
    }
    for (const answer of [
      await api.as(member).post(`${path}/teams`, { name: 'mine' }),
      await api.as(member).patch(`/teams/${team}`, { name: 'mine' }),
      await api.as(member).delete(`/teams/${team}`),
      await relate(member, 'POST', `/teams/${team}/relationships/users`, ['mo']),
    ]) {
      expect(answer.status).toBe(403);
    }
  });

  test('get no right that Gatehouse does not know', async () => {
    const { path } = await setup();
    const give = (access: object) =>
      api.as(owner).post(`${path}/teams`, { name: 'managers', 'organization-access': access });
    const refused = await give({ 'manage-workspaces': true });
    expect(refused.errors()[0]?.source).toEqual({ pointer: '/data/attributes/organization-access/manage-workspaces' });
    expect((await give({ 'manage-workspaces': false, 'read-workspaces': true })).status).toBe(201);
  });
});

describe('members of a team', () => {
  test('are added and taken out by name or by membership, and are members of the organization', async () => {
    const { path, team } = await setup();
    const users = `/teams/${team}/relationships/users`;
    expect((await relate(owner, 'POST', users, ['mo', 'olga'])).status).toBe(204);
    expect((await api.as(owner).get(`/teams/${team}`)).data().attributes['users-count']).toBe(2);
    expect((await relate(owner, 'DELETE', users, ['olga'])).status).toBe(204);
    const found = await api.as(owner).get(`/teams/${team}?include=organization-memberships`);
    const membership = JSON.parse(found.text).included[0];
    expect(membership).toMatchObject({ attributes: { username: 'mo' } });
    const memberships = `/teams/${team}/relationships/organization-memberships`;
    await relate(owner, 'DELETE', memberships, [membership.id], 'organization-memberships');
    expect(related(await api.as(owner).get(`/teams/${team}`), 'users')).toEqual([]);

    const refused = await relate(owner, 'POST', users, ['mo', 'sam']);
    expect(refused.errors()[0]).toMatchObject({
      code: 'invalid_request',
      detail: `sam is no member of org-${counter}.`,
    });
    expect(related(await api.as(owner).get(`/teams/${team}`), 'users')).toEqual([]);

    await relate(owner, 'POST', users, ['mo']);
    expect((await api.as(owner).delete(`/organization-memberships/${membership.id}`)).status).toBe(204);
    expect(related(await api.as(owner).get(`/teams/${team}`), 'users')).toEqual([]);
    expect((await api.as(owner).get(`${path}/organization-memberships`)).list()).toHaveLength(1);
  });

  test('of owners are owners, and one stays', async () => {
    const { path, owners } = await setup();
    const users = `/teams/${owners}/relationships/users`;
    expect((await relate(owner, 'POST', users, ['mo'])).status).toBe(204);
    expect((await api.as(member).get(path)).data().attributes['role']).toBe('owner');
    expect((await relate(owner, 'DELETE', users, ['mo'])).status).toBe(204);
    expect((await api.as(member).get(path)).data().attributes['role']).toBe('member');
    expect((await relate(owner, 'DELETE', users, ['olga'])).status).toBe(409);
  });
});

describe('the token of a team', () => {
  test('acts as an account of its own that is a member and is not listed', async () => {
    const { name, path, team } = await setup();
    const token = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    const details = (await api.as(token).get('/account/details')).data();
    expect(details.attributes).toMatchObject({ username: 'api-team_deploy', 'is-service-account': true });
    expect((await api.as(token).get(path)).data().attributes['role']).toBe('member');
    expect((await api.as(token).get('/organizations')).list().map(({ id }) => id)).toEqual([name]);
    expect((await api.as(token).post(`${path}/workspaces`, { name: 'x' })).status).toBe(403);

    const members = (await api.as(owner).get(`${path}/organization-memberships`)).list();
    expect(members.map(({ attributes }) => attributes['username'])).toEqual(['mo', 'olga']);
    // Whom a run tells of as those who may answer it.
    expect(memberNames(api.database, name)).toEqual(['mo', 'olga']);
    expect((await api.as(owner).get(`/teams/${team}`)).data().attributes['users-count']).toBe(0);
    expect((await api.as(owner).get(`/users/${details.id}`)).data().id).toBe(details.id);
    expect((await relate(owner, 'POST', `/teams/${team}/relationships/users`, [details.id])).status).toBe(422);
    expect((await api.as(owner).post(`${path}/organization-memberships`, { username: 'api-team_deploy' })).status).toBe(
      422,
    );
  });

  test('is in the audit log, and what it does bears its name', async () => {
    const { path, team } = await setup();
    const workspace = (await api.as(owner).post(`${path}/workspaces`, { name: 'prod' })).data().id;
    const token = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    expect((await api.as(token).post(`/workspaces/${workspace}/actions/lock`, {})).status).toBe(200);
    const records = (await api.as(owner).get(`${path}/audit-records`)).list().map(({ attributes }) => attributes);
    expect(records).toContainEqual(expect.objectContaining({ action: 'token.created', actor: 'olga' }));
    expect(records).toContainEqual(expect.objectContaining({ action: 'workspace.locked', actor: 'api-team_deploy' }));
    expect(JSON.stringify(records)).not.toContain(token.token);
    expect(api.logLines.join()).not.toContain(token.token);
  });

  test('is one: a new one takes its place, and it can be read and revoked', async () => {
    const { team } = await setup();
    const path = `/teams/${team}/authentication-token`;
    expect((await api.as(owner).get(path)).status).toBe(404);
    const first = tokenOf(await api.as(owner).post(path, {}));
    const second = tokenOf(await api.as(owner).post(path, { 'expired-at': '2030-01-01T00:00:00Z' }));
    expect((await api.as(first).get('/account/details')).status).toBe(401);
    expect((await api.as(second).get('/account/details')).status).toBe(200);
    const shown = await api.as(owner).get(path);
    expect(shown.data().attributes).toMatchObject({
      description: null,
      token: null,
      'expired-at': '2030-01-01T00:00:00.000Z',
    });
    expect(shown.text).not.toContain(second.token);
    expect((await api.as(owner).delete(path)).status).toBe(204);
    expect((await api.as(second).get('/account/details')).status).toBe(401);
    expect((await api.as(owner).delete(path)).status).toBe(404);
  });

  test('has others beside it, told apart by their descriptions', async () => {
    const { path, team } = await setup();
    const many = `/teams/${team}/authentication-tokens`;
    const one = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    const made = await api.as(owner).post(many, { description: 'ci' });
    expect(related(made, 'team')).toEqual({ id: team, type: 'teams' });
    const ci = tokenOf(made);
    expect((await api.as(owner).post(many, { description: 'ci' })).errors()[0]?.detail).toMatch(/already been taken/);
    for (const token of [one, ci]) expect((await api.as(token).get('/account/details')).status).toBe(200);
    const listed = (await api.as(owner).get(`${path}/team-tokens?q=depl`)).list();
    expect(listed.map(({ attributes }) => attributes['description']).toSorted()).toEqual(['ci', null]);
    expect((await api.as(owner).get(many)).list()).toHaveLength(2);
    expect((await api.as(owner).get(`${path}/team-tokens?q=else`)).list()).toEqual([]);

    const { id } = made.data();
    expect(related(await api.as(owner).get(`/authentication-tokens/${id}`), 'team')).toEqual({
      id: team,
      type: 'teams',
    });
    for (const who of [member, stranger, ci, one]) {
      expect((await api.as(who).get(`/authentication-tokens/${id}`)).status).toBe(404);
      expect((await api.as(who).delete(`/authentication-tokens/${id}`)).status).toBe(404);
    }
    expect((await api.as(owner).delete(`/authentication-tokens/${id}`)).status).toBe(204);
    expect((await api.as(ci).get('/account/details')).status).toBe(401);
    expect((await api.as(one).get('/account/details')).status).toBe(200);
  });

  test('is made by people in the team too, where it allows that, but never that of owners', async () => {
    const { team } = await setup();
    const path = `/teams/${team}/authentication-token`;
    expect((await api.as(member).post(path, {})).status).toBe(403);
    await relate(owner, 'POST', `/teams/${team}/relationships/users`, ['mo']);
    const token = tokenOf(await api.as(member).post(path, {}));
    expect((await api.as(token).post(path, {})).status).toBe(403);
    await api.as(owner).patch(`/teams/${team}`, { 'allow-member-token-management': false });
    expect((await api.as(member).post(path, {})).status).toBe(403);
    expect((await api.as(member).get(path)).status).toBe(403);
  });

  test('of owners owns, without being the last owner or one who can be asked', async () => {
    const { path, owners } = await setup();
    const token = tokenOf(await api.as(owner).post(`/teams/${owners}/authentication-token`, {}));
    expect((await api.as(token).post(`${path}/workspaces`, { name: 'made-by-team' })).status).toBe(201);
    const [, ownership] = (await api.as(owner).get(`${path}/organization-memberships`)).list();
    expect(ownership?.attributes).toMatchObject({ username: 'olga', role: 'owner' });
    expect((await api.as(token).delete(`/organization-memberships/${ownership?.id}`)).status).toBe(409);
    const told = await api.as(member).post(`${path}/teams`, { name: 'x' });
    expect(told.errors()[0]?.detail).toContain('An owner can: olga.');
  });

  test('dies with the team, and one of the same name later is another account', async () => {
    const { path, team } = await setup();
    const old = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    const before = (await api.as(old).get('/account/details')).data().id;
    await api.as(owner).delete(`/teams/${team}`);
    expect((await api.as(old).get('/account/details')).status).toBe(401);
    const again = (await api.as(owner).post(`${path}/teams`, { name: 'deploy' })).data().id;
    const young = tokenOf(await api.as(owner).post(`/teams/${again}/authentication-token`, {}));
    const after = (await api.as(young).get('/account/details')).data();
    expect(after.attributes['username']).toBe('api-team_deploy');
    expect(after.id).not.toBe(before);
  });

  test('bears the new name of its team', async () => {
    const { team } = await setup();
    const token = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    await api.as(owner).patch(`/teams/${team}`, { name: 'ship' });
    expect((await api.as(token).get('/account/details')).data().attributes['username']).toBe('api-team_ship');
  });

  test('is no person: it has no tokens of its own, no password, no name to change, no sign-in', async () => {
    const { team } = await setup();
    const token = tokenOf(await api.as(owner).post(`/teams/${team}/authentication-token`, {}));
    const { id } = (await api.as(token).get('/account/details')).data();
    for (const answer of [
      await api.as(token).get(`/users/${id}/authentication-tokens`),
      await api.as(token).post(`/users/${id}/authentication-tokens`, { description: 'more' }),
      await api.as(token).patch('/account/update', { username: 'human' }),
    ]) {
      expect(answer.status).toBe(403);
    }
    const signIn = (username: string) =>
      api.ask({ method: 'POST', url: '/api/v2/session', payload: { username, password: 'correct horse battery' } });
    expect((await signIn('api-team_deploy')).status).toBe(401);
  });

  test('of two organizations with a team of the same name are two accounts', async () => {
    const one = await setup();
    const two = await setup();
    const first = tokenOf(await api.as(owner).post(`/teams/${one.team}/authentication-token`, {}));
    const second = tokenOf(await api.as(owner).post(`/teams/${two.team}/authentication-token`, {}));
    expect((await api.as(first).get(two.path)).status).toBe(404);
    expect((await api.as(second).get(one.path)).status).toBe(404);
  });
});

describe('the token of an organization', () => {
  test('sets things up as an owner, and has nothing to do with runs', async () => {
    const { name, path, team } = await setup();
    const token = tokenOf(await api.as(owner).post(`${path}/authentication-token`, {}));
    expect((await api.as(token).get('/account/details')).data().attributes).toMatchObject({
      username: `api-org-${name}`,
      'is-service-account': true,
    });
    const workspace = (await api.as(token).post(`${path}/workspaces`, { name: 'prod', 'mfa-level': 'never' })).data()
      .id;
    expect((await api.as(token).post(`/teams/${team}/authentication-token`, {})).status).toBe(201);
    for (const answer of [
      await api.as(token).post(`/workspaces/${workspace}/configuration-versions`, {}),
      await api.ask({
        method: 'POST',
        url: '/api/v2/runs',
        headers: { authorization: `Bearer ${token.token}` },
        payload: {
          data: { attributes: {}, relationships: { workspace: { data: { type: 'workspaces', id: workspace } } } },
        },
      }),
    ]) {
      expect(answer.errors()[0]).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('runs') });
    }
  });

  test('is one, is made by owners, and is revoked', async () => {
    const { path, owners } = await setup();
    const place = `${path}/authentication-token`;
    expect((await api.as(member).post(place, {})).status).toBe(403);
    expect((await api.as(stranger).get(place)).status).toBe(404);
    expect((await api.as(owner).get(place)).status).toBe(404);
    const first = tokenOf(await api.as(owner).post(place, {}));
    const made = await api.as(owner).post(place, {});
    const second = tokenOf(made);
    expect((await api.as(first).get(path)).status).toBe(401);
    expect((await api.as(owner).get(place)).data().attributes).toMatchObject({ description: null, token: null });
    expect((await api.as(owner).get(`/teams/${owners}`)).data().attributes['users-count']).toBe(1);
    expect((await api.as(member).delete(`/authentication-tokens/${made.data().id}`)).status).toBe(404);
    expect((await api.as(owner).delete(place)).status).toBe(204);
    expect((await api.as(second).get(path)).status).toBe(401);
    expect((await api.as(owner).post(`${place}?token=audit-trails`, {})).status).toBe(422);
  });
});

test('nobody can have the name of a service account', async () => {
  const admin = await api.person('root', { isSiteAdmin: true });
  for (const username of ['api-team_deploy', 'API-ORG-acme']) {
    const answer = await api.as(admin).post('/users', { username, password: 'correct horse battery' });
    expect(answer.errors()[0]?.source).toEqual({ pointer: '/data/attributes/username' });
  }
});
