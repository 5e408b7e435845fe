import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pagePolicy } from '@gatehouse/shared/page-policy';
import Fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { errorHandler } from '../../src/plugins/error-handler.ts';
import { webPageRoutes } from '../../src/routes/web-page.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function setup(built = true) {
  const webDir = mkdtempSync(path.join(tmpdir(), 'gh-web-'));
  if (built) {
    mkdirSync(path.join(webDir, 'assets'));
    writeFileSync(path.join(webDir, 'index.html'), '<title>Gatehouse</title>');
    writeFileSync(path.join(webDir, 'assets', 'main-abc123.js'), 'export {};');
    writeFileSync(path.join(webDir, 'favicon.svg'), '<svg/>');
  }
  const app = Fastify();
  await app.register(errorHandler);
  app.get('/api/v2/ping', async () => 'pong');
  await app.register(webPageRoutes, { config: { webDir } });
  closing.push(async () => {
    await app.close();
    rmSync(webDir, { recursive: true });
  });
  return (url: string, accept?: string) => app.inject({ url, headers: accept === undefined ? {} : { accept } });
}

const browser = 'text/html,application/xhtml+xml,*/*;q=0.8';

test.each(['/', '/app/acme/network-prod/runs/run-1?view=log', '/terraform/acme/environments/x/settings', '/queue'])(
  'a browser at %s gets the page under its policy, asked for anew each time',
  async (url) => {
    const answer = await (await setup())(url, browser);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('<title>Gatehouse</title>');
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.headers['content-security-policy']).toBe(pagePolicy);
    expect(answer.headers['cache-control']).toBe('no-cache');
  },
);

test('files with a hash in their name are kept for ever, others for a while', async () => {
  const get = await setup();
  expect((await get('/assets/main-abc123.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await get('/favicon.svg')).headers['cache-control']).toBe('public, max-age=3600');
});

test.each(['/assets/old.js', '/robots.txt', '/api/v2/nothing'])(
  'what is not there is not found, and is not the page: %s',
  async (url) => {
    const answer = await (await setup())(url, browser);
    expect(answer.statusCode).toBe(404);
    expect(answer.json().errors[0].code).toBe('not_found');
  },
);

test.each(['/../../etc/passwd', '/assets/..%2f..%2f..%2fetc%2fpasswd', '/assets/../../../etc/passwd', '/%2e%2e/x.js'])(
  'nothing outside of the folder is read: %s',
  async (url) => {
    const answer = await (await setup())(url);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('root:');
  },
);

test('a client that wants no page gets none, and the API stays what it is', async () => {
  const get = await setup();
  expect((await get('/app/acme/x', 'application/json')).statusCode).toBe(404);
  expect((await get('/api/v2/ping', browser)).body).toBe('pong');
});

test('without a built page the root tells where the API is', async () => {
  const answer = await (await setup(false))('/');
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toContain('/api/v2/docs');
});
