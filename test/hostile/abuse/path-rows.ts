import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, inTurns } from './abuse-world.ts';
import { routesOf } from './browser-rows.ts';
import { exchange, requestText } from './raw-http.ts';

const area = 'API: paths';

const climbs = [
  '/../../../../../../etc/passwd',
  '/app/../../../../../etc/passwd',
  '/assets/../../../../../../../etc/passwd',
  '/assets/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
  '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
  '/%2e%2e/package.json',
  '/assets/..%252f..%252fpackage.json',
  '/assets/%252e%252e/package.json',
  '/assets/..\\..\\package.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/..;/package.json',
  '/assets/x%00.js',
  '/index.html%00.js',
  '/assets//etc/passwd',
  '//etc/passwd.txt',
  '/assets/%c0%ae%c0%ae/package.json',
  '/file:///etc/passwd.txt',
  '/.env',
  '/assets/.git/config',
];

/** Ids that would be a path, or a key, of something else. */
const ids = [
  '..%2f..%2fgatehouse.db',
  '%2e%2e',
  '..%5c..',
  'states%2fsv-1',
  'x%00y',
  '%2fetc%2fpasswd',
  '*',
  "'%20or%201=1--",
];

/** Ways to another file than was meant. */
export function pathRows(worldOf: () => AbuseWorld): void {
  row(
    {
      area,
      harm: 'addresses of the page that climb out of its folder',
      when: 'plain, encoded once and twice, backslashes, NUL, absolute, hidden files',
      holds: 'nothing outside is sent',
      isChosen: true,
    },
    async () => {
      const { port } = worldOf();
      for (const path of climbs) {
        const lines = [`Host: 127.0.0.1:${port}`, 'Connection: close'];
        const { statuses, text } = await exchange(port, requestText(`GET ${path} HTTP/1.1`, lines));
        expect({ path, isRefused: (statuses[0] ?? 400) >= 400 }).toEqual({ path, isRefused: true });
        expect(text, path).not.toMatch(/root:|"private": true|"dependencies"/);
      }
    },
  );

  row(
    {
      area,
      harm: 'ids that are paths, keys or queries, in every parameter of every route that reads',
      when: 'an owner',
      holds: 'there is no such thing; nothing breaks',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const routes = (await routesOf(world)).filter(({ method, parameters }) => method === 'GET' && parameters > 0);
      expect(routes.length).toBeGreaterThan(50);
      const tries = routes.flatMap(({ path }) => ids.map((id) => path.replaceAll(/\{\w+\}/g, id)));
      const wrong: string[] = [];
      await inTurns(tries, 8, async (path) => {
        const { status } = await world.ask({ path, headers: { authorization: `Bearer ${world.stack.dev.token}` } });
        // The documentation's own files are a library's.
        if (status < 400 || status >= 500) wrong.push(`${path}: ${status}`);
      });
      expect(wrong).toEqual([]);
    },
  );

  row(
    {
      area,
      harm: 'Host, X-Forwarded-Host, Forwarded and an absolute address that name another host',
      when: 'answers that bear addresses: configurations, states, plans, logs, the document of the API',
      holds: 'they are made of GATEHOUSE_PUBLIC_URL alone',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const { stack, api } = world;
      const workspaceId = await world.workspace('links');
      const evil = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'javascript',
        forwarded: 'for=1.2.3.4;host=evil.example;proto=https',
        'x-original-url': '/evil.example',
        authorization: `Bearer ${stack.dev.token}`,
      };
      const asked = (method: string, path: string, body?: object) =>
        world.ask({ method, path, headers: evil, ...(body === undefined ? {} : { body }) });
      const version = await asked('POST', `/api/v2/workspaces/${workspaceId}/configuration-versions`, {
        data: { attributes: { 'auto-queue-runs': false } },
      });
      expect(version.text).toContain(`${stack.url}/api/v2/uploads/`);
      const run = await world.queueRun(workspaceId, { 'main.tf': '' });
      const answers = [version];
      for (const path of [`/runs/${run.id}?include=plan,apply`, `/runs/${run.id}/plan`, `/runs/${run.id}/apply`]) {
        answers.push(await asked('GET', `/api/v2${path}`));
      }
      for (const path of ['/api/v2/openapi.json', '/', '/.well-known/terraform.json', '/api/v2/docs', '/assets']) {
        answers.push(await asked('GET', path));
      }
      expect(answers.some(({ text }) => text.includes(`${stack.url}/api/v2/logs/`))).toBe(true);
      for (const { text, headers } of answers) {
        expect(text).not.toContain('evil.example');
        expect(JSON.stringify(headers)).not.toContain('evil.example');
      }
      await api.request('POST', `/api/v2/runs/${run.id}/actions/cancel`);
    },
  );
}
