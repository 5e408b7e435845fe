import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, cookiesOf, inTurns, numbers, password, startAbuseWorld, statuses } from './abuse-world.ts';
import { openConnection, residentMiB } from './open-connection.ts';
import { exchange, requestText } from './raw-http.ts';

const area = 'API: load';
const page = fileURLToPath(new URL('../../../packages/web/dist', import.meta.url));

let world: AbuseWorld;
let webDir: string;
let host: string;
beforeAll(async () => {
  webDir = await mkdtemp(path.join(tmpdir(), 'gh-abuse-page-'));
  await cp(page, webDir, { recursive: true });
  await symlink('/etc/passwd', path.join(webDir, 'assets', 'passwd.txt'));
  world = await startAbuseWorld({ apiEnvironment: { GATEHOUSE_TRUST_PROXY: 'true', GATEHOUSE_WEB_DIR: webDir } });
  host = `Host: 127.0.0.1:${world.port}`;
});
beforeEach(() => world.forgetFloods());
afterAll(async () => {
  await world?.stop();
  await rm(webDir, { recursive: true, force: true });
});

/** Others are served meanwhile, each within a second. */
async function othersGoOn(): Promise<void> {
  const startedAt = Date.now();
  expect((await world.ask({ path: '/api/v2/ping' })).status).toBe(204);
  expect(Date.now() - startedAt).toBeLessThan(1000);
}

row(
  {
    area,
    harm: 'headers that do not end, connections that say nothing, bodies and uploads that trickle or stand still',
    when: '300 of them at once',
    holds: 'each is ended within a minute; others are served meanwhile',
    timeoutMs: 120_000,
  },
  async () => {
    const upload = 'PUT /api/v2/uploads/configuration-versions/forged HTTP/1.1';
    const body = ['Content-Type: application/json', 'Content-Length: 100000'];
    const workspaceId = await world.workspace('slow');
    const made = await world.api.call('POST', `/api/v2/workspaces/${workspaceId}/configuration-versions`, {
      data: { type: 'configuration-versions', attributes: {} },
    });
    const address = new URL(/http[^"]+uploads[^"]+/.exec(JSON.stringify(made))?.[0] ?? '').pathname;
    const beginnings = [
      '',
      `GET / HTTP/1.1\r\n${host}\r\nX-A: `,
      requestText('POST /api/v2/session HTTP/1.1', [host, ...body], '{"username":"'),
      requestText(upload, [host, 'Content-Length: 100000'], 'x'),
      requestText(`PUT ${address} HTTP/1.1`, [host, 'Content-Length: 100000'], 'x'),
    ];
    const all = numbers(300).map((number) => openConnection(world.port, beginnings[number % beginnings.length] ?? ''));
    // Half of them go on, a byte at a time.
    const drip = setInterval(() => {
      for (const { socket } of all.filter((_each, index) => index % 2 === 0)) if (socket.writable) socket.write('a');
    }, 1000);
    try {
      await othersGoOn();
      await expect.poll(() => all.filter(({ endedAt }) => endedAt() === undefined).length, { timeout: 60_000 }).toBe(0);
      await othersGoOn();
    } finally {
      clearInterval(drip);
      for (const { socket } of all) socket.destroy();
    }
  },
);

row(
  {
    area,
    harm: 'more and more open streams of changes',
    when: 'one person, and somebody without a sign-in',
    holds: 'beyond a hundred they are refused with the time to wait; others open theirs; what was closed makes room',
  },
  async () => {
    for (const name of ['stella', 'simon']) await world.person(name);
    const [stella = '', simon = ''] = await inTurns(['stella', 'simon'], 1, async (name) =>
      cookiesOf(await world.signIn(name), 'gatehouse='),
    );
    const stream = (cookie: string) =>
      openConnection(world.port, requestText('GET /api/v2/events HTTP/1.1', [host, `Cookie: ${cookie}`]));
    const before = await residentMiB(world.stack.services.api.pid);
    const hers = numbers(140).map(() => stream(stella));
    const anonymous = numbers(300).map(() => stream('gatehouse=none'));
    try {
      const count = (connections: typeof hers, status: number) =>
        connections.filter(({ received }) => received().startsWith(`HTTP/1.1 ${status}`)).length;
      await expect.poll(() => [count(hers, 200), count(hers, 429)], { timeout: 20_000 }).toEqual([100, 40]);
      await expect.poll(() => count(anonymous, 401), { timeout: 20_000 }).toBe(300);
      expect(hers.find(({ received }) => received().includes(' 429 '))?.received()).toMatch(/retry-after: \d+/i);
      const his = stream(simon);
      await expect.poll(() => count([his], 200)).toBe(1);
      expect((await residentMiB(world.stack.services.api.pid)) - before).toBeLessThan(150);
      for (const { socket } of hers) socket.destroy();
      await expect
        .poll(async () => {
          const again = stream(stella);
          await expect.poll(() => again.received().length).toBeGreaterThan(12);
          again.socket.destroy();
          return count([again], 200);
        })
        .toBe(1);
      his.socket.destroy();
    } finally {
      for (const { socket } of [...hers, ...anonymous]) socket.destroy();
    }
  },
);

row(
  {
    area: 'API: browsers',
    harm: 'a log and the changes are followed, and the person signs out',
    when: 'the log of a run that waits for its code',
    holds: 'both end',
    timeoutMs: 60_000,
  },
  async () => {
    const { api, stack } = world;
    const cookie = cookiesOf(await world.signIn(stack.dev.username, stack.dev.password), 'gatehouse=');
    const id = await world.workspace('followed', { 'mfa-level': 'plans_and_applies' });
    const run = await world.queueRun(id, { 'main.tf': '' });
    const follow = (where: string) =>
      openConnection(world.port, requestText(`GET ${where} HTTP/1.1`, [host, `Cookie: ${cookie}`]));
    const followed = [follow(`/api/v2/runs/${run.id}/logs/plan`), follow('/api/v2/events')];
    await expect.poll(() => followed.every(({ received }) => received().includes('data:'))).toBe(true);
    const headers = { cookie, origin: stack.url };
    expect((await world.ask({ method: 'DELETE', path: '/api/v2/session', headers })).status).toBe(204);
    await expect.poll(() => followed.every(({ endedAt }) => endedAt() !== undefined), { timeout: 30_000 }).toBe(true);
    await api.request('POST', `/api/v2/runs/${run.id}/actions/cancel`);
  },
);

row(
  {
    area: 'API: guessing',
    harm: 'an X-Forwarded-For that the client made up, another one with each guess',
    when: 'behind a proxy, which appends the address that it sees',
    holds: 'guesses are counted for the address that the proxy wrote',
  },
  async () => {
    await world.person('petra');
    const guess = (given: string, seen: string, made: string) =>
      world.ask({
        method: 'POST',
        path: '/api/v2/session',
        headers: { 'x-forwarded-for': `${made}, ${seen}` },
        body: { username: 'petra', password: given },
      });
    const answers = await inTurns(numbers(14), 4, (number) => guess('wrong', '198.51.100.7', `203.0.113.${number}`));
    expect(statuses(answers).filter((status) => status === 401)).toHaveLength(10);
    expect(statuses(answers).filter((status) => status === 429)).toHaveLength(4);
    expect((await guess(password, '198.51.100.8', '198.51.100.7')).status).toBe(201);
  },
);

row(
  {
    area: 'API: paths',
    harm: "a link in the page's folder that leads out of it",
    holds: 'what it leads to is not sent; the page is',
  },
  async () => {
    const answer = await world.ask({ path: '/assets/passwd.txt' });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('root:');
    expect((await world.ask({ path: '/', headers: { accept: 'text/html' } })).text).toContain('<!doctype html>');
  },
);

row(
  {
    area,
    harm: '1,500 connections that stay open, JSON of 2 MiB and of a hundred thousand floors, a thousand requests at once on one connection',
    holds: 'what is too large is refused, others are served meanwhile, and memory comes back below a bound',
    timeoutMs: 60_000,
  },
  async () => {
    const { pid } = world.stack.services.api;
    const before = await residentMiB(pid);
    const idle = numbers(1500).map(() => openConnection(world.port, requestText('GET /api/v2/ping HTTP/1.1', [host])));
    try {
      await expect
        .poll(() => idle.filter(({ received }) => received().includes(' 204 ')).length, { timeout: 30_000 })
        .toBe(1500);
      await othersGoOn();
      const json = (body: string) =>
        world.ask({ method: 'POST', path: '/api/v2/session', headers: { 'content-type': 'application/json' }, body });
      expect((await json(`{"a":"${'a'.repeat(2 * 1024 * 1024)}"}`)).status).toBe(413);
      expect((await json('['.repeat(100_000) + ']'.repeat(100_000))).status).toBe(422);
      const ping = requestText('GET /api/v2/ping HTTP/1.1', [host]);
      expect((await exchange(world.port, ping.repeat(1000), { silenceMs: 2000 })).statuses).toHaveLength(1000);
      await othersGoOn();
      expect((await residentMiB(pid)) - before).toBeLessThan(200);
    } finally {
      for (const { socket } of idle) socket.destroy();
    }
  },
);
