import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Person, type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;
let owner: Person;

beforeAll(async () => {
  api = await startApi();
  owner = await api.person('olga');
  await api.organization('acme', { owner });
});
afterAll(() => api.close());

function setup(payload: string, contentType = 'application/vnd.api+json') {
  const headers = { authorization: `Bearer ${owner.token}`, 'content-type': contentType };
  return api.ask({ method: 'POST', url: '/api/v2/organizations/acme/workspaces', headers, payload });
}

describe('a body', () => {
  const bad: [string, string, string, number, string][] = [
    ['that is no JSON', '{"data":', 'application/vnd.api+json', 400, 'malformed_json'],
    ['with __proto__', '{"__proto__":{"a":1}}', 'application/json', 400, 'malformed_json'],
    ['with constructor.prototype', '{"constructor":{"prototype":{}}}', 'application/json', 400, 'malformed_json'],
    ['that is a form', 'a=b', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['that is text', 'hello', 'text/plain', 415, 'unsupported_media_type'],
    ['beyond 1 MiB', JSON.stringify({ data: 'x'.repeat(1_100_000) }), 'application/json', 413, 'too_large'],
    ['that is a list', '[]', 'application/json', 422, 'invalid_request'],
    ['that is null', 'null', 'application/json', 422, 'invalid_request'],
    ['without attributes', '{"data":{}}', 'application/json', 422, 'invalid_request'],
    ['that is empty', '', 'application/vnd.api+json', 422, 'invalid_request'],
  ];
  test.each(bad)('%s is refused', async (_what, payload, contentType, status, code) => {
    const answer = await setup(payload, contentType);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/vnd.api+json');
    expect(answer.errors()[0]).toMatchObject({ status: String(status), code });
  });

  test.each(['application/json', 'application/vnd.api+json; charset=utf-8'])('is taken as %s', async (contentType) => {
    const name = `typed-${contentType.length}`;
    expect((await setup(JSON.stringify({ data: { attributes: { name } } }), contentType)).status).toBe(201);
  });

  test('with several faults is told each of them', async () => {
    const answer = await setup(JSON.stringify({ data: { attributes: { name: 'a b', 'auto-apply': 1, nmae: 'x' } } }));
    const pointers = answer.errors().map(({ source }) => source?.pointer);
    expect(pointers.toSorted()).toEqual(['auto-apply', 'name', 'nmae'].map((field) => `/data/attributes/${field}`));
  });
});

test('a defect is told by its request id only, and logged', async () => {
  const broken = await startApi();
  try {
    const person = await broken.person('ada');
    broken.database.run('alter table users rename to gone');
    const answer = await broken.app.inject({
      url: '/api/v2/account/details',
      headers: { authorization: `Bearer ${person.token}` },
    });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers['content-type']).toBe('application/vnd.api+json');
    expect(answer.body).not.toMatch(/sql|users|table/i);
    const id = String(answer.headers['x-request-id']);
    expect(answer.body).toContain(id);
    const logged = broken.logLines.find((line) => line.includes('request failed')) ?? '';
    expect(logged).toContain(id);
    expect(logged).not.toContain(person.token);
  } finally {
    await broken.close();
  }
});

test('a path that does not exist is not found, in the form of every error', async () => {
  for (const url of ['/api/v2/nothing', '/nothing', '/api/v2/workspaces/../../etc/passwd']) {
    const answer = await api.ask({ url });
    expect(answer.status).toBe(404);
    expect(answer.errors()[0]?.code).toBe('not_found');
  }
});

test('the log holds no query, no credential and no capability of a path', async () => {
  const capability = `run-5mQ.plan.s9zk2q.${'s1Gn'.repeat(11)}`;
  await api.ask({ url: `/api/v2/logs/${capability}?secret=needle`, headers: { authorization: 'Bearer needle-token' } });
  const lines = api.logLines.join();
  expect(lines).toContain('/api/v2/logs/[capability]');
  for (const secret of [capability, 'needle', owner.token]) expect(lines).not.toContain(secret);
});

test('the terraform CLI is told what is served, in the form that it can read', async () => {
  const ping = await api.ask({ url: '/api/v2/ping' });
  expect(ping.status).toBe(204);
  expect(ping.headers).toMatchObject({
    'tfp-api-version': '2.6',
    'tfp-appname': 'Terraform Enterprise',
    'x-tfe-version': 'v202409-1',
  });
  expect(ping.headers).not.toHaveProperty('x-ratelimit-limit');
  const discovery = await api.ask({ url: '/.well-known/terraform.json' });
  expect(discovery.headers['content-type']).toBe('application/json');
  expect(JSON.parse(discovery.text)).toMatchObject({
    'tfe.v2': '/api/v2/',
    'tfe.v2.1': '/api/v2/',
    'state.v2': '/api/v2/',
  });
});

test('health says whether the process lives, readiness whether it can work', async () => {
  expect((await api.ask({ url: '/healthz' })).status).toBe(200);
  expect(JSON.parse((await api.ask({ url: '/readyz' })).text)).toEqual({ status: 'ok', store: 'ok', redis: 'ok' });
});

test('readiness fails, and says at what, when Redis is gone', async () => {
  const lonely = await startApi();
  try {
    lonely.redis.disconnect();
    const answer = await lonely.ask({ url: '/readyz' });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toEqual({ status: 'failed', store: 'ok', redis: 'failed' });
  } finally {
    await lonely.close();
  }
});

test('pages may load nothing from elsewhere and be framed by nobody', async () => {
  const { headers } = await api.ask({ url: '/healthz' });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('upgrade-insecure-requests');
  expect(headers).not.toHaveProperty('strict-transport-security');
});

test.each([
  ['https://gatehouse.test', true],
  // It would hold for every port of the reader's computer, and terraform login waits there in plain http.
  ['https://localhost:8080', false],
  ['https://127.0.0.1', false],
])('a browser that came over %s is told to insist on it: %s', async (publicUrl, isTold) => {
  const secure = await startApi({ publicUrl });
  try {
    const { headers } = await secure.ask({ url: '/healthz' });
    expect(Object.hasOwn(headers, 'strict-transport-security')).toBe(isTold);
  } finally {
    await secure.close();
  }
});

describe('the OpenAPI document', () => {
  const operation = z.looseObject({
    summary: z.string(),
    tags: z.array(z.string()),
    operationId: z.string().optional(),
    parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  });
  const document = z.looseObject({
    openapi: z.literal('3.1.0'),
    info: z.looseObject({ title: z.string(), version: z.string() }),
    paths: z.record(
      z.string().regex(/^\//),
      z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operation),
    ),
  });

  test('is served, and each operation in it says what it does, takes and answers', async () => {
    const answer = await api.ask({ url: '/api/v2/openapi.json' });
    expect(answer.headers['content-type']).toBe('application/json');
    const { paths } = document.parse(JSON.parse(answer.text));
    expect(Object.keys(paths)).toContain('/api/v2/workspaces/{id}');
    for (const [path, operations] of Object.entries(paths)) {
      for (const parsed of Object.values(operations)) {
        const named = (parsed?.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(named.toSorted(), path).toEqual(inPath.toSorted());
      }
    }
    expect(answer.text).not.toMatch(/"\$ref":"(?!#\/)/);
  });

  test('can be read as a page that loads nothing from elsewhere', async () => {
    const answer = await api.ask({ url: '/api/v2/docs/' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/text\/html/);
    expect(String(answer.headers['content-security-policy'])).not.toMatch(/https?:/);
  });
});
