import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFileSafely } from '../../src/sandbox/read-file-safely.ts';

async function setup() {
  const base = await mkdtemp(join(tmpdir(), 'gh-read-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const root = join(base, 'run');
  await mkdir(root);
  await mkdir(join(base, 'host'));
  await writeFile(join(base, 'host', 'secret'), 'of the host');
  return { root, host: join(base, 'host') };
}

test('a plain file is read', async () => {
  const { root } = await setup();
  await mkdir(join(root, 'a'));
  await writeFile(join(root, 'a', 'file'), 'content');
  expect(Buffer.from((await readFileSafely(root, join(root, 'a', 'file'), 7)) ?? []).toString()).toBe('content');
});

test('a missing file is undefined', async () => {
  const { root } = await setup();
  expect(await readFileSafely(root, join(root, 'missing'), 10)).toBeUndefined();
  expect(await readFileSafely(root, join(root, 'no', 'where'), 10)).toBeUndefined();
});

test('a link to a file of the host is refused', async () => {
  const { root, host } = await setup();
  await symlink(join(host, 'secret'), join(root, 'errored.tfstate'));
  await expect(readFileSafely(root, join(root, 'errored.tfstate'), 100)).rejects.toMatchObject({
    code: 'forbidden',
    message: 'Refused to read errored.tfstate: it is a link or cannot be opened',
  });
});

test('a link on the way to the file is refused', async () => {
  const { root, host } = await setup();
  await symlink(host, join(root, 'folder'));
  await expect(readFileSafely(root, join(root, 'folder', 'secret'), 100)).rejects.toMatchObject({ code: 'forbidden' });
});

test('a path out of the folder is refused', async () => {
  const { root } = await setup();
  await expect(readFileSafely(root, join(root, '..', 'host', 'secret'), 100)).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('a pipe is refused at once, not waited for', async () => {
  const { root } = await setup();
  execFileSync('mkfifo', [join(root, 'pipe')]);
  await expect(readFileSafely(root, join(root, 'pipe'), 100)).rejects.toMatchObject({ code: 'forbidden' });
});

test('a folder is refused', async () => {
  const { root } = await setup();
  await mkdir(join(root, 'folder'));
  await expect(readFileSafely(root, join(root, 'folder'), 100)).rejects.toMatchObject({ code: 'forbidden' });
});

test('a file above the cap is refused', async () => {
  const { root } = await setup();
  await writeFile(join(root, 'large'), 'x'.repeat(101));
  await expect(readFileSafely(root, join(root, 'large'), 100)).rejects.toMatchObject({ code: 'too_large' });
});
