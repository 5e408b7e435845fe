import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

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

let counter = 0;
async function setup(attributes: object = {}) {
  counter++;
  const name = `ws-${counter}`;
  const answer = await api.as(owner).post('/organizations/acme/workspaces', { name, ...attributes });
  return { name, id: answer.data().id, answer };
}

describe('a new workspace', () => {
  test('needs no code, and has what the terraform CLI cannot do without', async () => {
    const { answer, id, name } = await setup();
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toBe('application/vnd.api+json');
    const { attributes, relationships } = answer.data();
    expect(attributes).toMatchObject({
      name,
      'mfa-level': 'never',
      'execution-mode': 'remote',
      'terraform-version': 'latest',
      'working-directory': '',
      'structured-run-output-enabled': false,
      locked: false,
      'resource-count': 0,
      'session-duration-seconds': null,
      'role-max-session-seconds': null,
      'plan-policy-arns': null,
      'aws-credentials-delivery': 'endpoint',
      permissions: { 'can-queue-run': true, 'can-update': true, 'can-force-delete': true },
    });
    expect(attributes['created-at']).toMatch(/Z$/);
    expect(relationships?.['organization']?.data).toEqual({ id: 'acme', type: 'organizations' });
    expect(relationships?.['current-run']?.data).toBeNull();
    for (const path of [`/workspaces/${id}`, `/organizations/acme/workspaces/${name}`]) {
      expect((await api.as(member).get(path)).data().id).toBe(id);
    }
  });

  test('takes what HashiCorp clients send beside it', async () => {
    const { answer } = await setup({ 'queue-all-runs': false, 'vcs-repo': null, 'source-name': 'cli' });
    expect(answer.status).toBe(201);
  });

  test('cannot have the name of another', async () => {
    const { name } = await setup();
    const again = await api.as(owner).post('/organizations/acme/workspaces', { name });
    expect(again.status).toBe(422);
    expect(again.errors()[0]).toMatchObject({ code: 'already_exists', source: { pointer: '/data/attributes/name' } });
  });
});

const badSettings: [string, object, string, RegExp][] = [
  ['a name with a slash', { name: 'a/b' }, 'name', /letters, digits/],
  ['a name with a space', { name: 'a b' }, 'name', /letters, digits/],
  ['a name of 91 letters', { name: 'a'.repeat(91) }, 'name', /1 to 90/],
  ['an unknown level', { 'mfa-level': 'sometimes' }, 'mfa-level', /never, applies_only, plans_and_applies/],
  ['a range of another tool', { 'terraform-version': '^1.11' }, 'terraform-version', /1\.11\.4/],
  ['a directory that climbs out', { 'working-directory': 'a/../../b' }, 'working-directory', /relative/],
  ['an absolute directory', { 'working-directory': '/etc' }, 'working-directory', /relative/],
  ['a user as role', { 'role-arn': 'arn:aws:iam::123456789012:user/x' }, 'role-arn', /role/],
  ['a session of ten minutes', { 'session-duration-seconds': 600 }, 'session-duration-seconds', /900/],
  ['a policy that is no JSON', { 'plan-session-policy': '{' }, 'plan-session-policy', /JSON/],
  ['a policy without a role', { 'plan-session-policy': '{"Statement":[]}' }, 'plan-session-policy', /role-arn/],
  [
    'a day with a role',
    { 'role-arn': 'arn:aws:iam::123456789012:role/x', 'session-duration-seconds': 86_400 },
    'session-duration-seconds',
    /43200/,
  ],
  [
    'a role that gives ten minutes',
    { 'role-arn': 'arn:aws:iam::123456789012:role/x', 'role-max-session-seconds': 600 },
    'role-max-session-seconds',
    /3600/,
  ],
  ['what a role gives without one', { 'role-max-session-seconds': 7200 }, 'role-max-session-seconds', /role-arn/],
  ['eleven policies', { 'plan-policy-arns': Array(11).fill('arn:aws:iam::aws:policy/x') }, 'plan-policy-arns', /10/],
  ['auto-apply as text', { 'auto-apply': 'yes' }, 'auto-apply', /boolean/],
  ['a misspelt setting', { 'mfa-levle': 'never' }, 'mfa-levle', /Unknown field/],
];

test.each(badSettings)(
  '%s is refused, and the answer says which field and what is allowed',
  async (_what, attributes, field, rule) => {
    const { id } = await setup();
    const answer = await api.as(owner).patch(`/workspaces/${id}`, attributes);
    expect(answer.status).toBe(422);
    const [error] = answer.errors();
    expect(error).toMatchObject({
      status: '422',
      code: 'invalid_request',
      source: { pointer: `/data/attributes/${field}` },
    });
    expect(error?.detail).toMatch(rule);
  },
);

test.each(['latest', '1.11.4', '1.12.0-rc1', '~> 1.9.0', '>= 1.5, < 1.8', 'tofu-1.9.0', 'tofu-latest', 'tofu-~> 1.9'])(
  'the version "%s" may be asked for, and is kept as it was given',
  async (version) => {
    const { id } = await setup();
    const answer = await api.as(owner).patch(`/workspaces/${id}`, { 'terraform-version': version });
    expect(answer.data().attributes['terraform-version']).toBe(version);
  },
);

describe('the MFA level', () => {
  test('is changed by an owner, and the change is audited with both levels', async () => {
    const { id } = await setup();
    const answer = await api.as(owner).patch(`/workspaces/${id}`, { 'mfa-level': 'plans_and_applies' });
    expect(answer.data().attributes['mfa-level']).toBe('plans_and_applies');
    const audit = await api
      .as(owner)
      .get('/organizations/acme/audit-records?filter[action]=workspace.mfa_level_changed');
    expect(audit.list()[0]?.attributes).toMatchObject({
      actor: 'olga',
      'target-id': id,
      details: { before: 'never', after: 'plans_and_applies' },
    });
  });

  test('is not changed by a member, who is told who can', async () => {
    const { id } = await setup();
    const answer = await api.as(member).patch(`/workspaces/${id}`, { 'mfa-level': 'applies_only' });
    expect(answer.status).toBe(403);
    expect(answer.errors()[0]?.detail).toContain('An owner can: olga');
    expect((await api.as(owner).get(`/workspaces/${id}`)).data().attributes['mfa-level']).toBe('never');
  });
});

test('structured output is off until an owner turns it on', async () => {
  const { id } = await setup();
  const changed = await api.as(owner).patch(`/workspaces/${id}`, { 'structured-run-output-enabled': true });
  expect(changed.data().attributes['structured-run-output-enabled']).toBe(true);
  const asked = await api.as(member).patch(`/workspaces/${id}`, { 'structured-run-output-enabled': false });
  expect(asked.status).toBe(403);
});

describe('the length of a session', () => {
  const lengthOf = (answer: { data(): { attributes: Record<string, unknown> } }) =>
    answer.data().attributes['session-duration-seconds'];

  test('is automatic until a number is set, which clients that know nothing else still do', async () => {
    const { id } = await setup();
    expect(lengthOf(await api.as(owner).patch(`/workspaces/${id}`, { 'session-duration-seconds': 7200 }))).toBe(7200);
    expect(lengthOf(await api.as(owner).patch(`/workspaces/${id}`, { description: 'x' }))).toBe(7200);
    expect(lengthOf(await api.as(owner).patch(`/workspaces/${id}`, { 'session-duration-seconds': null }))).toBeNull();
    const made = await setup({ 'session-duration-seconds': 3600 });
    expect(lengthOf(made.answer), 'an hour that was asked for is no default').toBe(3600);
  });

  test('is not set beyond what the role was said to allow, nor the other way round', async () => {
    const role = { 'role-arn': 'arn:aws:iam::123456789012:role/x', 'role-max-session-seconds': 7200 };
    const { id } = await setup({ ...role, 'session-duration-seconds': 7200 });
    for (const change of [{ 'session-duration-seconds': 7201 }, { 'role-max-session-seconds': 3600 }]) {
      const answer = await api.as(owner).patch(`/workspaces/${id}`, change);
      expect(answer.errors()[0]).toMatchObject({
        code: 'invalid_request',
        source: { pointer: '/data/attributes/session-duration-seconds' },
      });
    }
  });
});

test('the policies of plans are kept as they were given, and a change of them is audited once', async () => {
  const arns = ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess', 'arn:aws:iam::123456789012:policy/plans'];
  const { id } = await setup({ 'role-arn': 'arn:aws:iam::123456789012:role/x' });
  for (const sent of [arns, arns, [], null]) {
    const answer = await api.as(owner).patch(`/workspaces/${id}`, { 'plan-policy-arns': sent });
    expect(answer.data().attributes['plan-policy-arns']).toEqual(sent);
  }
  const audit = await api.as(owner).get('/organizations/acme/audit-records?filter[action]=workspace.changed');
  const changes = audit.list().filter(({ attributes }) => attributes['target-id'] === id);
  expect(changes.map(({ attributes }) => attributes['details'])).toMatchObject([
    { changes: { planPolicyArns: { before: [], after: null } } },
    { changes: { planPolicyArns: { before: arns, after: [] } } },
    { changes: { planPolicyArns: { before: null, after: arns } } },
  ]);
});

test('settings that were not sent stay as they are', async () => {
  const { id } = await setup({ 'auto-apply': true, 'working-directory': 'envs/prod/' });
  const answer = await api.as(owner).patch(`/workspaces/${id}`, { description: 'x' });
  expect(answer.data().attributes).toMatchObject({
    'auto-apply': true,
    'working-directory': 'envs/prod',
    description: 'x',
  });
});

describe('the list', () => {
  test('is cut into pages and found by a part of the name', async () => {
    for (const name of ['find_me-1', 'find_me-2', 'findXme-3']) {
      await api.as(owner).post('/organizations/acme/workspaces', { name });
    }
    const path = '/organizations/acme/workspaces?search[name]=FIND_ME&page[size]=1&page[number]=2';
    const answer = await api.as(member).get(path);
    expect(answer.list().map(({ attributes }) => attributes['name'])).toEqual(['find_me-2']);
    expect(JSON.parse(answer.text).meta.pagination).toEqual({
      'current-page': 2,
      'prev-page': 1,
      'next-page': null,
      'total-pages': 2,
      'total-count': 2,
    });
  });
});

describe('deleting', () => {
  test('takes an owner', async () => {
    const { id } = await setup();
    expect((await api.as(member).delete(`/workspaces/${id}`)).status).toBe(403);
    expect((await api.as(owner).delete(`/workspaces/${id}`)).status).toBe(204);
    expect((await api.as(owner).get(`/workspaces/${id}`)).status).toBe(404);
  });

  test('safely works for a workspace without resources', async () => {
    const { name } = await setup();
    const answer = await api.as(owner).post(`/organizations/acme/workspaces/${name}/actions/safe-delete`);
    expect(answer.status).toBe(204);
  });
});

test('another organization finds nothing here: 404 for every way to a workspace', async () => {
  const { id, name } = await setup();
  const paths = [`/workspaces/${id}`, `/organizations/acme/workspaces/${name}`, '/organizations/acme/workspaces'];
  for (const path of paths) expect((await api.as(stranger).get(path)).status, path).toBe(404);
  const changes = [
    await api.as(stranger).patch(`/workspaces/${id}`, { description: 'x' }),
    await api.as(stranger).delete(`/workspaces/${id}`),
    await api.as(stranger).post(`/workspaces/${id}/actions/lock`),
    await api.as(stranger).post(`/workspaces/${id}/actions/force-unlock`),
    await api.as(stranger).get(`/workspaces/${id}/vars`),
    await api.as(stranger).post(`/workspaces/${id}/vars`, { key: 'a', category: 'env' }),
  ];
  for (const answer of changes) expect(answer.errors()[0]?.code).toBe('not_found');
});
