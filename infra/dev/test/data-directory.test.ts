import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type DataDirectory, openDataDirectory } from '../src/data-directory.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function setup() {
  const parent = await mkdtemp(path.join(tmpdir(), 'gh-dev-'));
  cleanups.push(() => rm(parent, { recursive: true, force: true }));
  await chmod(parent, 0o755);
  const open = async (wanted: string): Promise<DataDirectory> => {
    const data = await openDataDirectory(wanted);
    cleanups.push(() => data.release());
    return data;
  };
  return { parent, open };
}

test('a folder is one stack’s at a time, and free again after it', async () => {
  const { parent, open } = await setup();
  const first = await openDataDirectory(parent);
  await expect(open(parent)).rejects.toThrow(/running already on .*GATEHOUSE_DATA_DIR/);
  await first.release();
  await expect(open(parent)).resolves.toMatchObject({ path: parent });
});

test('what is kept is made once, whole, and only its owner’s', async () => {
  const { parent, open } = await setup();
  const data = await open(path.join(parent, 'new'));
  const first = await data.keep('key', () => 'first');
  const second = await data.keep('key', () => 'second');
  expect(second).toEqual({ file: first.file, content: 'first' });
  expect((await stat(first.file)).mode & 0o777).toBe(0o600);
  expect((await stat(path.dirname(first.file))).mode & 0o777).toBe(0o700);
  expect(await readdir(path.dirname(first.file))).toEqual(['key']);
});

test('sockets stay short enough for the kernel, however long the folder’s path is', async () => {
  const { parent, open } = await setup();
  const data = await open(path.join(parent, 'deep'.repeat(25)));
  expect(Buffer.byteLength(data.redisSocket)).toBeLessThan(108);
  expect(data.redisSocket.startsWith(parent)).toBe(false);
  expect(Buffer.byteLength(data.work)).toBeLessThan(70);
  cleanups.push(() => rm(data.work, { recursive: true, force: true }));
  await data.release();
  await expect(stat(path.dirname(data.redisSocket))).rejects.toThrow(/ENOENT/);
});

test.runIf(process.getuid?.() === 0)('runs are laid out where the sandbox’s user can walk to', async () => {
  const { parent, open } = await setup();
  const closed = path.join(parent, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const data = await open(path.join(closed, 'data'));
  cleanups.push(() => rm(data.work, { recursive: true, force: true }));
  for (let folder = data.work; folder !== '/'; folder = path.dirname(folder)) {
    expect([folder, (await stat(folder)).mode & 0o001]).toEqual([folder, 1]);
  }
});
