import { request as httpRequest } from 'node:http';
import type { Phase } from '@gatehouse/shared/run-status';
import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendPhaseLines, openPhaseLog } from '../../src/logs/live-log.ts';
import { closePhaseLog } from '../../src/services/close-phase-log.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

async function setup(lines: string[] = [], phase: Phase = 'plan') {
  const { id } = await api.run({ phase });
  const log = { runId: id, phase };
  await openPhaseLog(api, log);
  if (lines.length > 0) await appendPhaseLines(api, { ...log, lines, once: 'setup' });
  return { id, log, url: `${api.url}/api/v2/runs/${id}/logs/${phase}` };
}

type Message = { id: number; event: string; data: unknown };

/** Reads events until the server ends, or `until` says that it is enough. */
async function events(
  url: string,
  headers: Record<string, string> = {},
  until: (all: Message[]) => boolean = () => false,
) {
  const controller = new AbortController();
  const answer = await fetch(url, { headers: { ...api.owner.headers, ...headers }, signal: controller.signal });
  expect(answer.status).toBe(200);
  const all: Message[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => all.push({ id: Number(id), event: event ?? '', data: JSON.parse(data) }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (until(all)) break;
  }
  controller.abort();
  return { all, headers: answer.headers };
}

const textOf = (all: Message[]) =>
  all
    .filter(({ event }) => event === 'log')
    .map(({ data }) => data)
    .join('');

describe('GET /runs/:id/logs/:phase', () => {
  test('streams what there is, what comes, and the end, and no proxy may change or keep it', async () => {
    const { url, log } = await setup(['first\r is', 'größer 🚀']);
    const reading = events(url);
    await appendPhaseLines(api, { ...log, lines: ['second'], once: 'b' });
    await closePhaseLog(api, { ...log, lines: ['third'] });
    const { all, headers } = await reading;
    expect(textOf(all)).toBe('first  is\ngrößer 🚀\nsecond\nthird\n');
    expect(all.at(-1)).toMatchObject({ event: 'end' });
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
  });

  test('resumes at every event, and at every offset, without a byte lost or doubled', async () => {
    const { url, log } = await setup(['aé', '🚀b']);
    await closePhaseLog(api, { ...log, lines: [] });
    const whole = Buffer.from('\x02aé\n🚀b\n\x03');
    for (let offset = 0; offset <= whole.length + 1; offset++) {
      const { all } = await events(url, { 'last-event-id': String(offset) });
      const bytes = all.map(({ event, data }) =>
        Buffer.from(event === 'end' ? '' : String(data), event === 'bytes' ? 'base64' : 'utf8'),
      );
      expect(Buffer.concat(bytes)).toEqual(whole.subarray(Math.max(1, offset), -1));
      expect((await events(`${url}?offset=${offset}`)).all).toEqual(all);
    }
  });

  test('takes Last-Event-ID before the offset of the address, which browsers repeat', async () => {
    const { url, log } = await setup(['abc']);
    await closePhaseLog(api, { ...log, lines: [] });
    expect(textOf((await events(`${url}?offset=0`, { 'last-event-id': '2' })).all)).toBe('bc\n');
  });

  test('is downloaded as it is now, without its framing', async () => {
    const { url, log } = await setup(['abc', 'größer']);
    for (const [address, accept] of [
      [`${url}?format=raw`, '*/*'],
      [url, 'text/plain'],
    ] as const) {
      const answer = await fetch(address, { headers: { ...api.owner.headers, accept } });
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await answer.text()).toBe('abc\ngrößer\n');
    }
    await closePhaseLog(api, { ...log, lines: ['end'] });
    const answer = await fetch(`${url}?format=raw&offset=5`, { headers: api.owner.headers });
    expect(await answer.text()).toBe('größer\nend\n');
  });

  test('is not there for others, for unknown runs and phases, nor without a sign-in', async () => {
    const { id, url } = await setup(['secret of olga']);
    const status = async (address: string, headers: Record<string, string> = api.owner.headers) => {
      const answer = await fetch(address, { headers });
      const text = await answer.text();
      expect(text).not.toContain('secret of olga');
      return answer.status;
    };
    expect(await status(url, api.stranger.headers)).toBe(404);
    expect(await status(url.replace(id, 'run-unknown'))).toBe(404);
    expect(await status(url.replace(/plan$/, 'cost-estimate'))).toBe(404);
    expect(await status(url, {})).toBe(401);
    expect(await status(`${url}?offset=-1`)).toBe(422);
    expect(await status(url, { ...api.owner.headers, 'last-event-id': 'x' })).toBe(422);
  });

  test('stops reading for a client that has gone', async () => {
    const { url, log } = await setup(['one']);
    await events(url, {}, (all) => all.length > 0);
    const channel = `log:${log.runId}:plan`;
    await expect.poll(() => api.redis.pubsub('NUMSUB', channel)).toEqual([channel, 0]);
  });
});

test('the api closes while logs are being followed and waited for', async () => {
  const own = await startBytesApi();
  const { id } = await own.run();
  await openPhaseLog(own, { runId: id, phase: 'plan' });
  // Two clients, of which one keeps its connection as browsers do.
  const ended = [{}, { connection: 'keep-alive' }].map(
    (extra) =>
      new Promise<void>((resolve, reject) => {
        const request = httpRequest(`${own.url}/api/v2/runs/${id}/logs/plan`, {
          headers: { ...own.owner.headers, ...extra },
        });
        request.on('response', (response) => {
          response.once('data', () => resolve());
          response.on('error', () => undefined);
        });
        request.on('error', reject);
        request.end();
      }),
  );
  await Promise.all(ended);
  const startedAt = performance.now();
  await own.app.close();
  expect(performance.now() - startedAt).toBeLessThan(900);
  await own.close();
});
