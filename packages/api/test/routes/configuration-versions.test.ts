import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { logReadUrl } from '../../src/services/log-read-url.ts';
import { uploadConfiguration } from '../../src/services/upload-configuration.ts';
import { type BytesApi, startBytesApi } from '../bytes-api.ts';

let api: BytesApi;
beforeAll(async () => {
  api = await startBytesApi();
});
afterAll(() => api.close());

type Entry = {
  name: string;
  body?: string;
  type?: 'symlink' | 'link' | 'character-device';
  linkname?: string;
};
const file = (name: string, body = 'x'): Entry => ({ name, body });
const marker = 'configuration-marker-5f3a';

function archive(entries: readonly Entry[] = [file('main.tf', `# ${marker}`)]): Promise<Buffer> {
  const tar = pack();
  for (const { body, ...header } of entries) tar.entry(header, body ?? '');
  tar.finalize();
  return buffer(tar.pipe(createGzip()));
}

const document = z.object({
  data: z.object({
    id: z.string(),
    attributes: z.object({
      status: z.string(),
      'error-message': z.string().nullable(),
      'upload-url': z.string().nullable(),
    }),
    relationships: z.object({ workspace: z.object({ data: z.object({ id: z.string() }) }) }),
    links: z.object({ download: z.string().optional() }),
  }),
});

async function readVersion(id: string, headers = api.owner.headers) {
  const answer = await fetch(`${api.url}/api/v2/configuration-versions/${id}`, { headers });
  return answer.status === 200 ? document.parse(await answer.json()).data : answer.status;
}

async function setup(attributes: object = { 'auto-queue-runs': false }) {
  const workspace = await api.workspace();
  const answer = await fetch(`${api.url}/api/v2/workspaces/${workspace.id}/configuration-versions`, {
    method: 'POST',
    headers: { ...api.owner.headers, 'content-type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: { type: 'configuration-versions', attributes } }),
  });
  expect(answer.status).toBe(201);
  const { id, attributes: shown } = document.parse(await answer.json()).data;
  const put = async (body: Uint8Array<ArrayBuffer>) => {
    const { status, text } = await fetch(shown['upload-url'] ?? '', { method: 'PUT', body }).then(async (answer) => ({
      status: answer.status,
      text: await answer.text(),
    }));
    return { status, text };
  };
  return { id, workspace, uploadUrl: shown['upload-url'] ?? '', put };
}

const scratch = async () => (await readdir(api.scratchFolder).catch(() => [])).length;

describe('a configuration version', () => {
  test('awaits its archive, takes it without a sign-in, and gives it back to members to the byte', async () => {
    const { id, put, workspace } = await setup();
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'pending' } });
    const bytes = await archive();
    expect(await put(Buffer.from(bytes))).toEqual({ status: 200, text: '' });
    expect(await readVersion(id)).toMatchObject({
      attributes: { status: 'uploaded', 'upload-url': null, 'error-message': null },
      relationships: { workspace: { data: { id: workspace.id } } },
    });
    const download = `${api.url}/api/v2/configuration-versions/${id}/download`;
    const answer = await fetch(download, { headers: api.owner.headers });
    expect(answer.headers.get('content-type')).toBe('application/gzip');
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(download, { headers: api.stranger.headers })).status).toBe(404);
    expect(await readVersion(id, api.stranger.headers)).toBe(404);
  });

  test('lies sealed on the disk, and nothing of the check stays', async () => {
    const { put } = await setup();
    // Stored without compression, so that the marker would be found.
    const tar = await buffer(
      (() => {
        const all = pack();
        all.entry({ name: 'main.tf' }, marker.repeat(10));
        all.finalize();
        return all;
      })(),
    );
    const bytes = gzipSync(tar, { level: 0 });
    expect(bytes.includes(marker)).toBe(true);
    expect((await put(bytes)).status).toBe(200);
    expect((await api.allStoredBytes()).includes(marker)).toBe(false);
    expect(await scratch()).toBe(0);
  });

  test.each([
    ['a name that climbs', [file('../evil.tf')]],
    ['a name that climbs inside', [file('a/../../evil.tf')]],
    ['an absolute name', [file('/etc/evil.tf')]],
    ['a link out of the tree', [{ name: 'a/l', type: 'symlink', linkname: '../../etc' }]],
    ['a link to an absolute path', [{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }]],
    ['a hard link', [file('a'), { name: 'h', type: 'link', linkname: 'a' }]],
    ['a device', [{ name: 'd', type: 'character-device' }]],
    ['a good file before a bad one', [file('main.tf'), file('../evil.tf')]],
  ] as const)('refuses %s, says which, and keeps nothing', async (_what, entries) => {
    const { id, put } = await setup();
    const { status, text } = await put(Buffer.from(await archive(entries)));
    expect(status).toBe(422);
    expect(text).toContain('configuration_invalid');
    expect(await readVersion(id)).toMatchObject({
      attributes: { status: 'errored', 'error-message': expect.stringMatching(/archive was refused/) },
      links: {},
    });
    expect(await api.blobs.has(`configurations/${id}`)).toBe(false);
    expect(await scratch()).toBe(0);
    expect((await put(Buffer.from(await archive()))).status).toBe(409);
  });

  test.each([
    ['junk', Buffer.from('not an archive')],
    ['nothing', Buffer.alloc(0)],
    ['gzipped junk', gzipSync('junk'.repeat(999))],
  ])('refuses %s', async (_what, bytes) => {
    const { id, put } = await setup();
    expect((await put(bytes)).status).toBe(422);
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'errored' } });
    expect(await scratch()).toBe(0);
  });

  test('refuses a bomb: 3 MB that unpack to 600', async () => {
    const { id, put } = await setup();
    const gzip = createGzip({ level: 1 });
    const zeros = Buffer.alloc(4 * 1024 * 1024);
    const bomb = buffer(gzip);
    for (let made = 0; made < 150; made++) if (!gzip.write(zeros)) await once(gzip, 'drain');
    gzip.end();
    const { status, text } = await put(Buffer.from(await bomb));
    expect({ status, text }).toEqual({ status: 422, text: expect.stringContaining('more than 512 MiB') });
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'errored' } });
    expect(await scratch()).toBe(0);
  });

  test('takes one archive: a second, or one at the same time, is a conflict', async () => {
    const { id, put } = await setup();
    const bytes = Buffer.from(await archive());
    const statuses = (await Promise.all([put(bytes), put(bytes), put(bytes)])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 409, 409]);
    expect((await put(bytes)).status).toBe(409);
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'uploaded' } });
  });

  test('can be uploaded again after the connection broke', async () => {
    const { id, put } = await setup();
    async function* broken() {
      yield (await archive()).subarray(0, 10);
      throw new Error('aborted');
    }
    await expect(uploadConfiguration(api, { id, body: broken() })).rejects.toThrow('aborted');
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'pending' } });
    expect(await scratch()).toBe(0);
    expect((await put(Buffer.from(await archive()))).status).toBe(200);
  });

  test('of 300 MB is refused while it streams, without being held in memory', async () => {
    const { id, uploadUrl } = await setup();
    const block = randomBytes(1024 * 1024);
    const before = process.memoryUsage().rss;
    let most = 0;
    let sent = 0;
    const answer = await new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
      const request = httpRequest(uploadUrl, { method: 'PUT' }, (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection }),
        );
      });
      let isAnswered = false;
      request.on('response', () => {
        isAnswered = true;
      });
      // The server closes while we still send.
      request.on('error', (error) => (isAnswered ? undefined : reject(error)));
      const send = () => {
        most = Math.max(most, process.memoryUsage().rss);
        if (sent >= 300 || request.destroyed || isAnswered) return void request.end();
        sent++;
        if (request.write(block)) setImmediate(send);
        else request.once('drain', send);
      };
      send();
    });
    expect(answer).toEqual({ status: 413, connection: 'close' });
    expect(sent).toBeGreaterThanOrEqual(100);
    expect(sent).toBeLessThan(300);
    // Half of what was sent would be in memory if anybody kept it; the client's own buffers are counted too.
    expect(most - before).toBeLessThan(80 * 1024 * 1024);
    expect(await readVersion(id)).toMatchObject({
      attributes: { status: 'errored', 'error-message': 'A configuration archive may have at most 100 MiB.' },
    });
    expect(await scratch()).toBe(0);
  });

  test('that announces 300 MB is refused before a byte is read', async () => {
    const { id, uploadUrl } = await setup();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-length': String(300 * 1024 * 1024), expect: '100-continue' };
      const request = httpRequest(uploadUrl, { method: 'PUT', headers }, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
    expect(await readVersion(id)).toMatchObject({ attributes: { status: 'pending' } });
  });

  test('queues a run when it was asked to, and only once the archive is good', async () => {
    const { id, put, workspace } = await setup({});
    expect(api.queuedRuns.filter((run) => run.configurationVersionId === id)).toEqual([]);
    await put(Buffer.from(await archive()));
    expect(api.queuedRuns.filter((run) => run.configurationVersionId === id)).toEqual([
      { workspaceId: workspace.id, configurationVersionId: id, createdBy: api.owner.actor.userId },
    ]);
    const bad = await setup({});
    await bad.put(Buffer.from('junk'));
    expect(api.queuedRuns.filter((run) => run.configurationVersionId === bad.id)).toEqual([]);
  });

  test('is uploaded also when its run is refused, and says why there is none', async () => {
    const { id } = await setup({});
    async function* body() {
      yield await archive();
    }
    const refuse = () =>
      Promise.reject(new GatehouseError('aws_variable_missing', 'AWS_MFA_SERIAL_NUMBER is not set.'));
    await uploadConfiguration({ ...api, queueRun: refuse }, { id, body: body() });
    expect(await readVersion(id)).toMatchObject({
      attributes: { status: 'uploaded', 'error-message': 'No run was queued: AWS_MFA_SERIAL_NUMBER is not set.' },
    });
  });

  test('is made by members only, of attributes that exist', async () => {
    const { workspace } = await setup();
    const post = async (headers: Record<string, string>, id: string, attributes: object) => {
      const answer = await fetch(`${api.url}/api/v2/workspaces/${id}/configuration-versions`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/vnd.api+json' },
        body: JSON.stringify({ data: { attributes } }),
      });
      return answer.status;
    };
    expect(await post(api.stranger.headers, workspace.id, {})).toBe(404);
    expect(await post(api.owner.headers, 'ws-unknown', {})).toBe(404);
    expect(await post({}, workspace.id, {})).toBe(401);
    expect(await post(api.owner.headers, workspace.id, { speculativ: true })).toBe(422);
    expect(await post(api.owner.headers, workspace.id, { speculative: 'yes' })).toBe(422);
  });

  test('cannot be uploaded to with another address, nor after a day', async () => {
    const { id, uploadUrl, put } = await setup();
    const other = await setup();
    const [, expiry, signature] = uploadUrl.split('/').at(-1)?.split('.') ?? [];
    const base = uploadUrl.slice(0, uploadUrl.lastIndexOf('/') + 1);
    const log = logReadUrl(api, { runId: id, phase: 'plan' }).split('/').at(-1);
    for (const capability of [`${other.id}.${expiry}.${signature}`, `${id}.zzzzzzz.${signature}`, id, `${log}`]) {
      const answer = await fetch(base + capability, { method: 'PUT', body: Buffer.from(await archive()) });
      expect(answer.status).toBe(404);
    }
    api.advance(25 * 3600_000);
    expect((await put(Buffer.from(await archive()))).status).toBe(404);
  });
});
