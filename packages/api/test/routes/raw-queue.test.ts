import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageVisitor } from '../page-visitor.ts';
import { type RunningApi, startApi } from '../running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('shows the queues to a site admin who is signed in on the page, and changes nothing', async () => {
  const anna = await pageVisitor(api, 'anna', { isSiteAdmin: true });
  await api.parts.queue.parkChallenge('mfa-1', 0, new Date(api.clock.now().getTime() + 60_000));
  const page = await anna.open('/queue-raw/');
  expect(page.status).toBe(200);
  expect(page.text).toContain('Gatehouse, raw queues');
  expect(String(page.headers['content-security-policy'])).not.toMatch(
    /https?:|unsafe-eval|script-src[^;]*unsafe-inline/,
  );

  const shown = await anna.open('/queue-raw/api/queues?activeQueue=gate&status=delayed', 'application/json');
  expect(shown.text).toContain('mfa-1.0');
  expect(shown.text).toContain('"readOnlyMode":true');

  const promote = await api.ask({
    method: 'PUT',
    url: '/queue-raw/api/queues/gate/mfa-1.0/promote',
    headers: { cookie: anna.cookie, origin: 'http://gatehouse.test' },
  });
  expect(promote.status).toBe(405);
  const bytes = await api.ask({
    method: 'PUT',
    url: '/queue-raw/api/queues/gate/pause',
    headers: { cookie: anna.cookie, origin: 'http://gatehouse.test', 'content-type': 'application/octet-stream' },
    payload: 'x',
  });
  expect(bytes.status).toBe(415);
  expect((await api.parts.queue.jobStates('gate', ['mfa-1.0'])).get('mfa-1.0')).toBe('alive');
});

test('is refused to tokens, to members and to strangers', async () => {
  const admin = await api.person('toni', { isSiteAdmin: true });
  const mia = await pageVisitor(api, 'mia');
  await api.organization('acme', { owner: admin, member: mia });
  const byToken = await api.ask({ url: '/queue-raw/', headers: { authorization: `Bearer ${admin.token}` } });
  expect(byToken.status).toBe(403);
  expect((await mia.open('/queue-raw/')).status).toBe(403);
  expect((await mia.open('/queue-raw/api/queues', 'application/json')).status).toBe(403);
  expect((await api.ask({ url: '/queue-raw/' })).status).toBe(401);
});
