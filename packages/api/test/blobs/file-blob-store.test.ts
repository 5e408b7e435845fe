import { mkdtemp, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { blobKeys, readBlob } from '../../src/blobs/blob-store.ts';
import { openFileBlobStore } from '../../src/blobs/file-blob-store.ts';

const umask = process.umask();
afterEach(() => process.umask(umask));

async function setup() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-blobs-'));
  return { folder, store: await openFileBlobStore(folder) };
}

const files = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

describe('a folder of blobs', () => {
  test('gives back what was put, streamed or whole, and takes a newer one in its place', async () => {
    const { store } = await setup();
    const key = blobKeys.logSegment('run-1', 'plan', 0);
    await store.put(key, Buffer.from('old'));
    await store.put(
      key,
      (async function* () {
        yield Buffer.from('new, ');
        yield Buffer.from('in parts');
      })(),
    );
    expect((await readBlob(store, key))?.toString()).toBe('new, in parts');
    expect(await store.has(key)).toBe(true);
    await store.delete(key);
    await store.delete(key);
    expect(await store.has(key)).toBe(false);
    expect(await store.get(key)).toBeUndefined();
  });

  test('holds nothing of a blob whose source broke off, and keeps the former one', async () => {
    const { store, folder } = await setup();
    const key = blobKeys.state('sv-1');
    await store.put(key, Buffer.from('whole'));
    const broken = store.put(
      key,
      (async function* () {
        yield Buffer.from('half');
        throw new Error('the client went away');
      })(),
    );
    await expect(broken).rejects.toThrow('went away');
    expect((await readBlob(store, key))?.toString()).toBe('whole');
    expect(await files(folder)).toHaveLength(1);
  });

  test('is closed to everybody else, whatever the umask', async () => {
    process.umask(0);
    const { store, folder } = await setup();
    await store.put(blobKeys.state('sv-1'), Buffer.from('x'));
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(path.join(entry.parentPath, entry.name));
      expect((mode & 0o777).toString(8)).toBe(entry.isFile() ? '600' : '700');
    }
  });

  test.each(['../x', 'states/../../x', '/etc/passwd', 'states', 'states/', 'states/a\0', 'states/.x', 'a/b/c/d/e', ''])(
    'takes no key like %j',
    async (key) => {
      const { store } = await setup();
      await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject({ code: 'internal' });
      await expect(store.get(key)).rejects.toMatchObject({ code: 'internal' });
    },
  );

  test('drops what a dead process left, and not what another is writing', async () => {
    const { folder } = await setup();
    const old = path.join(folder, 'incoming', 'old');
    await writeFile(old, 'half');
    await utimes(old, new Date(0), new Date(0));
    await writeFile(path.join(folder, 'incoming', 'new'), 'half');
    await openFileBlobStore(folder);
    expect(await readdir(path.join(folder, 'incoming'))).toEqual(['new']);
  });
});
