import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
let owner: Person;
let member: Person;
let workspaceId: string;

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  member = await api.person('mo');
  await api.organization('acme', { owner, member });
  workspaceId = (await api.as(owner).post('/organizations/acme/workspaces', { name: 'ws' })).data().id;
});
afterAll(() => api.close());

let counter = 0;
function setup(attributes: object = {}, path = '/organizations/acme/vars') {
  counter++;
  return api.as(owner).post(path, { key: `KEY_${counter}`, value: 'v', category: 'env', ...attributes });
}

const scopes = () => ['/organizations/acme/vars', `/workspaces/${workspaceId}/vars`];

test('variables of both scopes are made, listed, read, changed and deleted', async () => {
  for (const path of scopes()) {
    const made = await setup({ description: 'd' }, path);
    expect(made.status).toBe(201);
    const { id, attributes } = made.data();
    expect(attributes).toMatchObject({ value: 'v', category: 'env', sensitive: false, hcl: false, description: 'd' });
    expect((await api.as(owner).get(path)).list().map((row) => row.id)).toContain(id);
    const changed = await api.as(owner).patch(`${path}/${id}`, { value: 'w' });
    expect(changed.data().attributes).toMatchObject({ key: attributes['key'], value: 'w', description: 'd' });
    expect((await api.as(owner).get(`/vars/${id}`)).data().attributes['value']).toBe('w');
    expect((await api.as(owner).delete(`${path}/${id}`)).status).toBe(204);
    expect((await api.as(owner).get(`${path}/${id}`)).status).toBe(404);
  }
});

test('a variable has another version-id after each change, and the same until then', async () => {
  const made = (await setup()).data();
  const path = `/organizations/acme/vars/${made.id}`;
  const versionOf = async () => (await api.as(member).get(path)).data().attributes['version-id'];
  expect(made.attributes['version-id']).toMatch(/^[0-9a-f]{64}$/);
  expect(await versionOf()).toBe(made.attributes['version-id']);
  api.advance(1);
  const changed = (await api.as(owner).patch(path, { value: 'w' })).data();
  expect(changed.attributes['version-id']).not.toBe(made.attributes['version-id']);
  expect(await versionOf()).toBe(changed.attributes['version-id']);
});

test('a variable is found under the path of its own scope only', async () => {
  const { id } = (await setup()).data();
  expect((await api.as(owner).get(`/workspaces/${workspaceId}/vars/${id}`)).status).toBe(404);
  expect((await api.as(owner).delete(`/workspaces/${workspaceId}/vars/${id}`)).status).toBe(404);
  expect((await api.as(owner).get(`/organizations/acme/vars/${id}`)).status).toBe(200);
});

describe('a sensitive value', () => {
  test('is in no answer, not to its owner either', async () => {
    const made = await setup({ value: 'hunter2-sensitive', sensitive: true });
    const { id } = made.data();
    const answers = [
      made,
      await api.as(owner).get(`/vars/${id}`),
      await api.as(owner).get('/organizations/acme/vars'),
      await api.as(owner).patch(`/vars/${id}`, { description: 'other' }),
      await api.as(owner).get(`/workspaces/${workspaceId}/all-vars`),
      await api.as(owner).get('/organizations/acme/audit-records?page[size]=100'),
    ];
    for (const answer of answers) {
      expect(answer.status).toBeLessThan(300);
      expect(answer.text).not.toContain('hunter2-sensitive');
    }
  });

  test('does not become readable without a new value', async () => {
    const { id } = (await setup({ value: 'secret-one', sensitive: true })).data();
    const refused = await api.as(owner).patch(`/vars/${id}`, { sensitive: false });
    expect(refused.status).toBe(422);
    expect(refused.errors()[0]?.source).toEqual({ pointer: '/data/attributes/sensitive' });
    const changed = await api.as(owner).patch(`/vars/${id}`, { sensitive: false, value: 'open' });
    expect(changed.data().attributes).toMatchObject({ sensitive: false, value: 'open' });
  });
});

test('neither values nor refused values stand in the database or the log in clear', async () => {
  await setup({ value: 'needle-plain-value' });
  await setup({ value: 'needle-sealed-value', sensitive: true });
  await setup({ key: 'AWS_MFA_SERIAL_NUMBER', value: 'needle refused value' });
  const stored = ['', '-wal'].map((end) => readFileSync(`${api.databaseFile}${end}`).toString('latin1')).join();
  expect(stored).toContain('KEY_');
  expect(stored).not.toContain('needle');
  expect(api.logLines.join()).not.toContain('needle');
});

test('a member sees the names and no values, and writes nothing', async () => {
  const { id, attributes } = (await setup({ value: 'for-owners' })).data();
  const list = await api.as(member).get('/organizations/acme/vars?page[size]=100');
  expect(list.text).toContain(String(attributes['key']));
  expect(list.text).not.toContain('for-owners');
  const writes = [
    await api.as(member).post('/organizations/acme/vars', { key: 'X', value: 'y', category: 'env' }),
    await api.as(member).post(`/workspaces/${workspaceId}/vars`, { key: 'X', value: 'y', category: 'env' }),
    await api.as(member).patch(`/vars/${id}`, { value: 'mine' }),
    await api.as(member).delete(`/vars/${id}`),
  ];
  for (const answer of writes) {
    expect(answer.status).toBe(403);
    expect(answer.errors()[0]?.detail).toContain('olga');
  }
});

const refusals: [string, object, string, RegExp][] = [
  ['LD_PRELOAD', { key: 'LD_PRELOAD' }, 'key', /loads code/],
  ['TF_CLI_ARGS_plan', { key: 'TF_CLI_ARGS_plan' }, 'key', /terraform/],
  ['BASH_ENV', { key: 'BASH_ENV' }, 'key', /shell/],
  ['a proxy in small letters', { key: 'https_proxy' }, 'key', /proxy/],
  ['the way to the session', { key: 'AWS_CONTAINER_CREDENTIALS_FULL_URI' }, 'key', /session/],
  ['PATH', { key: 'PATH' }, 'key', /sandbox/],
  ['a name with a space', { key: 'A B' }, 'key', /letters/],
  ['a name that begins with a digit', { key: '1A' }, 'key', /letters/],
  ['a hyphen in an environment variable', { key: 'A-B' }, 'key', /letters/],
  ['a policy set', { category: 'policy-set' }, 'category', /env, terraform/],
  ['a number as value', { value: 5 }, 'value', /string/],
  ['a NUL', { value: 'a\0b' }, 'value', /NUL/],
  ['HCL in an environment variable', { hcl: true }, 'hcl', /terraform/],
  [
    'HCL that sets another variable',
    { category: 'terraform', hcl: true, value: '1\nother = 2' },
    'value',
    /one HCL value/,
  ],
  [
    'an MFA serial with a user',
    { key: 'AWS_MFA_SERIAL_NUMBER', value: 'arn:aws:iam::123456789012:user/x' },
    'value',
    /mfa/,
  ],
  ['a secret key as key id', { key: 'AWS_ACCESS_KEY_ID', value: `${'aB/'.repeat(13)}x` }, 'value', /AKIA/],
  [
    'a secret key with a line break',
    { key: 'AWS_SECRET_ACCESS_KEY', value: `${'a'.repeat(40)}\n` },
    'value',
    /line break/,
  ],
];

test.each(refusals)('%s is refused with the reason', async (_what, attributes, field, reason) => {
  const answer = await setup(attributes);
  expect(answer.status).toBe(422);
  const [error] = answer.errors();
  expect(error?.source).toEqual({ pointer: `/data/attributes/${field}` });
  expect(error?.detail).toMatch(reason);
});

test('renaming is held to the same rules as making', async () => {
  const { id } = (await setup({ value: 'no-serial!' })).data();
  expect((await api.as(owner).patch(`/vars/${id}`, { key: 'LD_PRELOAD' })).status).toBe(422);
  expect((await api.as(owner).patch(`/vars/${id}`, { key: 'AWS_MFA_SERIAL_NUMBER' })).status).toBe(422);
});

test('the three variables that MFA needs are taken, and the secret key is write-only unasked', async () => {
  const values = {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_MFA_SERIAL_NUMBER: 'arn:aws:iam::123456789012:mfa/demo',
  };
  for (const [key, value] of Object.entries(values)) {
    const answer = await setup({ key, value });
    expect(answer.status).toBe(201);
    expect(answer.data().attributes['sensitive']).toBe(key === 'AWS_SECRET_ACCESS_KEY');
  }
  const hardware = await setup(
    { key: 'AWS_MFA_SERIAL_NUMBER', value: 'GAHT12345678' },
    `/workspaces/${workspaceId}/vars`,
  );
  expect(hardware.status).toBe(201);
});

test('a name is taken once in each scope and category', async () => {
  const input = { key: 'TWICE', value: 'a' };
  for (const path of scopes()) {
    expect((await setup(input, path)).status).toBe(201);
    expect((await setup({ ...input, category: 'terraform' }, path)).status).toBe(201);
    const again = await setup(input, path);
    expect(again.status).toBe(422);
    expect(again.errors()[0]?.code).toBe('already_exists');
  }
});

test("in a workspace its own variable replaces the organization's", async () => {
  await setup({ key: 'OVERRIDDEN', value: 'organization' });
  await setup({ key: 'OVERRIDDEN', value: 'workspace' }, `/workspaces/${workspaceId}/vars`);
  const all = (await api.as(owner).get(`/workspaces/${workspaceId}/all-vars`)).list();
  const found = all.filter(({ attributes }) => attributes['key'] === 'OVERRIDDEN');
  expect(found.map(({ attributes }) => attributes['value'])).toEqual(['workspace']);
});
