import type { Phase } from '@gatehouse/shared/run-status';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendPhaseLines, openPhaseLog } from '../../src/logs/live-log.ts';
import { signCapability } from '../../src/services/capability.ts';
import { closePhaseLog } from '../../src/services/close-phase-log.ts';
import { logReadUrl } from '../../src/services/log-read-url.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

async function setup(lines: string[] = [], phase: Phase = 'plan') {
  const run = await api.run({ phase });
  const log = { runId: run.id, phase };
  await openPhaseLog(api, log);
  if (lines.length > 0) await appendPhaseLines(api, { ...log, lines, once: 'setup' });
  return { run, log, url: logReadUrl(api, log) };
}

const read = async (url: string, query: string) => {
  const answer = await fetch(`${url}?${query}`);
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
};

describe('a log-read-url', () => {
  test('is read as go-tfe reads it: by byte offset, first and last byte included, past the end empty', async () => {
    const { url, log } = await setup(['größer', 'second line']);
    await closePhaseLog(api, { ...log, lines: ['end'] });
    const whole = Buffer.from('\x02größer\nsecond line\nend\n\x03');
    for (const limit of [1, 3, 65_536]) {
      const parts: Buffer[] = [];
      let offset = 0;
      for (;;) {
        const { status, bytes } = await read(url, `limit=${limit}&offset=${offset}`);
        expect(status).toBe(200);
        expect(bytes.length).toBeLessThanOrEqual(limit);
        if (bytes.length === 0) break;
        parts.push(bytes);
        offset += bytes.length;
      }
      expect(Buffer.concat(parts)).toEqual(whole);
    }
    expect(await read(url, 'limit=10&offset=99999')).toEqual({ status: 200, bytes: Buffer.alloc(0) });
  });

  test('waits where there is nothing yet, and answers the instant there is', async () => {
    const { url, log } = await setup();
    let isAnswered = false;
    const waiting = read(url, 'limit=100&offset=1').finally(() => {
      isAnswered = true;
    });
    const channel = `log:${log.runId}:plan`;
    await expect.poll(() => api.redis.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    expect(isAnswered).toBe(false);
    await appendPhaseLines(api, { ...log, lines: ['now'], once: 'now' });
    expect((await waiting).bytes.toString()).toBe('now\n');
  });

  test('answers for lost bytes with as many others, so that offsets go on', async () => {
    const { url, log } = await setup();
    await api.redis.flushall();
    const { appendLog, logKey } = await import('@gatehouse/shared/log-stream');
    await appendLog(api.redis, logKey(log.runId, 'plan'), Buffer.from('after\n'), { startOffset: 300 });
    const { bytes } = await read(url, 'limit=65536&offset=0');
    expect(bytes).toHaveLength(300);
    expect(bytes.toString()).toContain('300 bytes of this log were lost');
    expect((await read(url, 'limit=65536&offset=300')).bytes.toString()).toBe('after\n');
  });

  test.each(['limit=x&offset=0', 'limit=-5&offset=-1', 'limit=1e99&offset=', '', 'offset=NaN'])(
    'answers 200 to numbers that make no sense: %j',
    async (query) => {
      const { url } = await setup(['text']);
      const { status, bytes } = await read(url, query);
      expect({ status, text: bytes.toString() }).toEqual({ status: 200, text: '\x02text\n' });
    },
  );

  test('answers 200 with nothing while something inside is broken', async () => {
    const own = await startBytesApi();
    const run = await own.run();
    const log = { runId: run.id, phase: 'plan' } as const;
    await closePhaseLog(own, { ...log, lines: ['x'] });
    // The archive is gone: what a lost disk would do.
    await own.blobs.delete(`logs/${run.id}/plan/0`);
    expect(await read(logReadUrl(own, log), 'limit=9&offset=0')).toEqual({ status: 200, bytes: Buffer.alloc(0) });
    await own.close();
  });

  test('stays below the length that the router takes', async () => {
    const { url } = await setup([], 'apply');
    expect(url.split('/').at(-1)?.length).toBeLessThan(100);
  });

  test('lives a week, longer than a run may wait', async () => {
    const { url } = await setup(['text']);
    api.advance(6.9 * 24 * 3600_000);
    expect((await read(url, 'offset=0')).status).toBe(200);
    api.advance(0.2 * 24 * 3600_000);
    expect((await read(url, 'offset=0')).status).toBe(404);
  });
});

describe('a capability that is none of ours', () => {
  test('cannot be made from another: of another run, phase, time, kind or key', async () => {
    const mine = await setup(['mine']);
    const other = await setup(['theirs']);
    const capability = mine.url.split('/').at(-1) ?? '';
    const [runId = '', phase = '', expiry = '', signature = ''] = capability.split('.');
    const subject = `${other.log.runId}.plan`;
    const expiresAt = new Date(api.clock.now().getTime() + 1000_000);
    const forged = [
      [other.log.runId, phase, expiry, signature].join('.'),
      [runId, 'apply', expiry, signature].join('.'),
      [runId, phase, 'zzzzzzz', signature].join('.'),
      [runId, phase, signature].join('.'),
      [runId, phase, expiry, signature.slice(0, -1)].join('.'),
      [runId, phase, expiry, 'A'.repeat(43)].join('.'),
      `${runId}.${phase}.${expiry}.`,
      `${runId}.${phase}`,
      `${capability}.x`,
      signCapability(api, { kind: 'upload-configuration', subject, expiresAt }),
      'x',
    ];
    for (const text of forged) {
      const { status, bytes } = await read(`${api.url}/api/v2/logs/${text}`, 'offset=0');
      expect({ text, status }).toEqual({ text, status: 404 });
      expect(bytes.toString()).not.toContain('mine');
    }
  });
});
