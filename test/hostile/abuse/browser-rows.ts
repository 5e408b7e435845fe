import { expect } from 'vitest';
import { z } from 'zod';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, cookiesOf, inTurns, password } from './abuse-world.ts';
import { exchange, requestText } from './raw-http.ts';

const area = 'API: browsers';

const openApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** Every documented route, its parameters filled with ids that nobody has. */
export async function routesOf(world: AbuseWorld): Promise<{ method: string; path: string; parameters: number }[]> {
  const { text } = await world.ask({ path: '/api/v2/openapi.json' });
  return Object.entries(openApi.parse(JSON.parse(text)).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path,
      parameters: path.match(/\{/g)?.length ?? 0,
    })),
  );
}

/** What another site's page can do to somebody who is signed in. */
export function browserRows(worldOf: () => AbuseWorld): void {
  row(
    {
      area,
      harm: "every writing route with the person's cookie",
      when: 'no Origin, a foreign one, `null`, one in the name of ours, or ours where the browser says cross-site; JSON, text and forms',
      holds: 'it is refused before anything else is looked at, and the sign-in lives on',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('cora');
      const cookie = cookiesOf(await world.signIn('cora', password, { from: '127.0.6.1' }));
      const ours = world.stack.url;
      const pages: Record<string, string>[] = [
        {},
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: `${ours}.evil.example` },
        { origin: ours, 'sec-fetch-site': 'cross-site' },
        { origin: ours, 'sec-fetch-site': 'same-site' },
      ];
      const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
      // What carries its right in the path or in its body reads no cookie.
      const open = ['/oauth/token', '/api/v2/uploads/'];
      const writes = (await routesOf(world)).filter(
        ({ method, path }) => method !== 'GET' && !open.some((prefix) => path.startsWith(prefix)),
      );
      expect(writes.length).toBeGreaterThan(80);
      const tries = writes.flatMap(({ method, path }) => pages.map((page, index) => ({ method, path, page, index })));
      const letIn: string[] = [];
      await inTurns(tries, 8, async ({ method, path, page, index }) => {
        // At the sign-in nothing is at stake where no origin is told: a program asks.
        if (path === '/api/v2/session' && method === 'POST' && page['origin'] === undefined) return;
        const { status } = await world.ask({
          method,
          path: path.replaceAll(/\{\w+\}/g, 'none'),
          headers: { cookie, ...page, 'content-type': types[index % types.length] ?? '' },
          body: index % 2 === 0 ? '{}' : 'a=b',
        });
        if (status !== 403) letIn.push(`${method} ${path} ${JSON.stringify(page)}: ${status}`);
      });
      expect(letIn).toEqual([]);
      expect((await world.ask({ path: '/api/v2/account/details', headers: { cookie } })).status).toBe(200);
    },
  );

  row(
    {
      area,
      harm: 'a sign-in from a form of another site, in the types that need no permission',
      when: 'anonymous',
      holds: 'nobody is signed in as somebody else',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('dora');
      const body = JSON.stringify({ username: 'dora', password });
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
        const headers = { origin: 'https://evil.example', ...(type === '' ? {} : { 'content-type': type }) };
        const answer = await world.ask({
          method: 'POST',
          path: '/api/v2/session',
          headers,
          body,
          from: '127.0.6.2',
        });
        expect(answer.status, type).toBe(403);
        const unnamed =
          type === ''
            ? undefined
            : await world.ask({
                method: 'POST',
                path: '/api/v2/session',
                headers: { 'content-type': type },
                body,
                from: '127.0.6.2',
              });
        expect(unnamed?.status ?? 415, type).toBe(415);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    },
  );

  row(
    {
      area,
      harm: 'a session that the attacker gave the person before she signed in',
      when: 'another’s session, one that is over, and one that never was',
      holds: 'she gets a new one; the given one stays what it was; signing out and a new password end hers',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      for (const name of ['eve', 'flora']) await world.person(name);
      const who = async (cookie: string) => {
        const { status, text } = await world.ask({ path: '/api/v2/account/details', headers: { cookie } });
        return status === 200 ? /"username":"(\w+)"/.exec(text)?.[1] : status;
      };
      const ofEve = cookiesOf(await world.signIn('eve', password, { from: '127.0.6.3' }), 'gatehouse=');
      for (const given of [ofEve, `gatehouse=ghs_${'A'.repeat(43)}`]) {
        const answer = await world.signIn('flora', password, { from: '127.0.6.3', cookie: given });
        const lines = [answer.headers['set-cookie'] ?? []].flat();
        const ofFlora = cookiesOf(answer, 'gatehouse=');
        expect(ofFlora).not.toBe(given);
        expect(await who(ofFlora)).toBe('flora');
        expect(await who(given)).toBe(given === ofEve ? 'eve' : 401);
        for (const line of lines) expect(line).toMatch(/; HttpOnly/);
        for (const line of lines) expect(line).toMatch(/; SameSite=Lax/);
        expect(lines.find((line) => line.startsWith('gatehouse='))).not.toMatch(/Domain=/i);
        const page = { cookie: ofFlora, origin: world.stack.url };
        expect((await world.ask({ method: 'DELETE', path: '/api/v2/session', headers: page })).status).toBe(204);
        expect(await who(ofFlora)).toBe(401);
      }
    },
  );

  row(
    {
      area,
      harm: 'a page of another site that shows one of ours in a frame, or has a browser guess what an answer is',
      when: 'every kind of answer: pages, files, errors, refusals of what is no request',
      holds: 'no frame may show it, and its type is what it says; no error is HTML',
      isChosen: true,
    },
    async () => {
      const { port } = worldOf();
      const host = `Host: 127.0.0.1:${port}`;
      const paths = ['/', '/demo/ws', '/healthz', '/readyz', '/api/v2/ping', '/api/v2/runs/x', '/api/v2/nothing'];
      paths.push('/api/v2/docs', '/api/v2/docs/static/x', '/queue-raw', '/queue-raw/static/x.js', '/assets/x.js');
      paths.push('/api/v2/openapi.json', '/.well-known/terraform.json', '/api/v2/logs/x', '/%zz', '/nothing.html');
      paths.push(`/api/v2/runs/${'a'.repeat(200)}`, `/api/v2/ping?${'a'.repeat(20_000)}`, '/<script>alert(1)</script>');
      for (const path of paths) {
        const { text } = await exchange(
          port,
          requestText(`GET ${path} HTTP/1.1`, [host, 'Accept: text/html', 'Connection: close']),
        );
        const [head = '', ...body] = text.split('\r\n\r\n');
        const about = path.slice(0, 60);
        expect(head, about).toMatch(/^content-security-policy: .*frame-ancestors 'none'/im);
        expect(head, about).toMatch(/^x-content-type-options: nosniff/im);
        expect(body.join(), about).not.toContain('<script>alert(1)');
        if (/ [45]\d\d /.test(head.split('\r\n')[0] ?? ''))
          expect(head, about).not.toMatch(/^content-type: text\/html/im);
      }
    },
  );

  row(
    {
      area,
      harm: '`terraform login` asked to send its code to somewhere else',
      when: 'other hosts, other ports, other schemes, names that look alike, lines that end',
      holds: 'it is refused; only loopback addresses of the ports that terraform has are sent to',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const cookie = cookiesOf(await world.signIn('flora', password, { from: '127.0.6.4' }));
      const allow = (redirectUri: string) =>
        world.ask({
          method: 'POST',
          path: '/api/v2/oauth/authorizations',
          headers: { cookie, origin: world.stack.url },
          body: {
            data: {
              attributes: {
                'client-id': 'terraform-cli',
                'response-type': 'code',
                'redirect-uri': redirectUri,
                'code-challenge': 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
                'code-challenge-method': 'S256',
                state: 'x',
                'expires-after-days': 1,
              },
            },
          },
        });
      expect((await allow('http://localhost:10000/login')).status).toBe(201);
      const evil = [
        'https://evil.example/login',
        '//evil.example/login',
        'http://localhost:80/login',
        'javascript:alert(1)',
      ];
      evil.push('http://localhost.evil.example:10000/login', 'http://localhost:10000@evil.example/login', '');
      evil.push('http://localhost:10000/login\r\nX-Injected: yes', 'http://evil.example\\@localhost:10000/login');
      evil.push('http://evil.example#@localhost:10000/login', 'HTTP://LOCALHOST:10000/login\u0000', 'data:text/html,x');
      for (const redirectUri of evil) {
        const { status, text } = await allow(redirectUri);
        expect({ redirectUri, status }).toEqual({ redirectUri, status: 422 });
        expect(text).not.toContain('redirect-to');
      }
    },
  );
}
