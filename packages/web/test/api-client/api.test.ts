import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { createApi } from '../../src/api-client/api.ts';
import { createServerClock } from '../../src/api-client/server-clock.ts';

const schema = z.object({ data: z.object({ id: z.string() }) });

function setup(answer: () => Response | Promise<Response>) {
  const fetch = vi.fn(async (_url: string, _init?: RequestInit) => answer());
  const onSignedOut = vi.fn();
  const clock = createServerClock();
  return { api: createApi({ fetch, clock, onSignedOut }), fetch, onSignedOut, clock };
}

const json = (body: unknown, status = 200) => Response.json(body, { status });

test('an answer is read by its schema, and more than that is ignored', async () => {
  const { api, fetch } = setup(() => json({ data: { id: 'run-1', more: true } }));
  expect(await api.get('/runs/run-1', schema)).toEqual({ data: { id: 'run-1' } });
  expect(fetch.mock.calls[0]?.[0]).toBe('/api/v2/runs/run-1');
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ credentials: 'same-origin' });
});

test('a write bears JSON:API', async () => {
  const { api, fetch } = setup(() => new Response(null, { status: 204 }));
  await api.send('POST', '/x', { data: {} }, z.unknown());
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({
    method: 'POST',
    body: '{"data":{}}',
    headers: { 'content-type': 'application/vnd.api+json' },
  });
});

describe('a failure', () => {
  test('has the api’s own words', async () => {
    const { api } = setup(() =>
      json(
        {
          errors: [
            {
              status: '422',
              code: 'mfa_rejected',
              title: 'AWS did not accept this code',
              detail: 'Why.',
              source: { pointer: '/data' },
            },
          ],
        },
        422,
      ),
    );
    await expect(api.get('/x', schema)).rejects.toMatchObject({
      code: 'mfa_rejected',
      title: 'AWS did not accept this code',
      detail: 'Why.',
      status: 422,
      pointer: '/data',
    });
  });

  test.each([
    ['a proxy’s page', () => new Response('<html>', { status: 502 }), 'malformed_answer', 502],
    ['an unknown code', () => json({ errors: [{ code: 'x', title: 't', detail: 'd' }] }, 400), 'malformed_answer', 400],
    ['an answer of another form', () => json({ data: [] }), 'malformed_answer', 200],
    ['no connection', () => Promise.reject(new TypeError('Failed to fetch')), 'unreachable', 0],
  ])('of %s is told as such', async (_, answer, code, status) => {
    const { api } = setup(answer);
    await expect(api.get('/x', schema)).rejects.toMatchObject({ code, status });
  });

  test('of the session is heard of', async () => {
    const { api, onSignedOut } = setup(() => new Response(null, { status: 401 }));
    await expect(api.get('/x', schema)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(onSignedOut).toHaveBeenCalledTimes(1);
  });

  test('that the page itself brought about stays what it is', async () => {
    const { api } = setup(() => Promise.reject(new DOMException('aborted', 'AbortError')));
    await expect(api.get('/x', schema)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('does not repeat what was sent', async () => {
    const { api } = setup(() => new Response('123456', { status: 500 }));
    const failure = await api.send('POST', '/x', { 'token-code': '123456' }, schema).catch((error: unknown) => error);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('123456');
  });
});

describe('the server’s clock', () => {
  test('is learned from the Date header, halfway through the request', () => {
    let local = 1_000_000;
    const clock = createServerClock(() => local);
    expect(clock.now()).toBe(1_000_000);
    clock.observe(new Date(1_090_000).toUTCString(), 1_000_000, 1_000_200);
    local = 1_000_300;
    // Dated 90.0 s, half a second missing, 0.2 s after 0.1 s of way.
    expect(clock.now()).toBe(1_090_700);
  });

  test('does not believe a slow answer against a quick one, nor a header that is no date', () => {
    const clock = createServerClock(() => 0);
    clock.observe(new Date(60_000).toUTCString(), 0, 100);
    const known = clock.now();
    clock.observe(new Date(61_000).toUTCString(), 0, 3_000);
    clock.observe('yesterday', 0, 1);
    clock.observe(null, 0, 1);
    clock.observe(new Date(900_000).toUTCString(), 0, 30_000);
    expect(clock.now()).toBe(known);
  });
});
