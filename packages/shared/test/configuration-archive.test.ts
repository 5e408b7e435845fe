import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { archiveLimits, unpackConfiguration } from '../src/configuration-archive.ts';

type Entry = Parameters<ReturnType<typeof pack>['entry']>[0] & { body?: string | Buffer };

async function setup(entries: readonly Entry[]) {
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-archive-'));
  const archive = path.join(directory, 'a.tar.gz');
  const target = path.join(directory, 'inner', 'out');
  await mkdir(target, { recursive: true });
  const tar = pack();
  const written = pipeline(tar, createGzip(), createWriteStream(archive));
  for (const { body, ...header } of entries) tar.entry(header, body ?? '');
  tar.finalize();
  await written;
  return { directory, archive, target };
}

const file = (name: string, body: string | Buffer = 'x') => ({ name, body });

describe('an uploaded configuration', () => {
  test('is unpacked with its folders, files and inner links', async () => {
    const { archive, target } = await setup([
      file('main.tf', 'resource'),
      { name: 'modules/net', type: 'directory' },
      file('modules/net/main.tf', 'inner'),
      { name: 'link.tf', type: 'symlink', linkname: 'modules/net/main.tf' },
      { name: 'modules/up.tf', type: 'symlink', linkname: '../main.tf' },
    ]);
    await unpackConfiguration(archive, target);
    expect(await readFile(path.join(target, 'link.tf'), 'utf8')).toBe('inner');
    expect(await readFile(path.join(target, 'modules/up.tf'), 'utf8')).toBe('resource');
  });

  test.each([
    ['a name that climbs', [file('../evil.tf')], /"\.\.\/evil\.tf" leads out/],
    ['a name that climbs inside', [file('a/../../evil.tf')], /leads out/],
    ['a name with dots that stays inside', [file('a/../evil.tf')], /holds a "\.\."/],
    ['an absolute name', [file('/etc/evil.tf')], /leads out/],
    ['a link to an absolute path', [{ name: 'l', type: 'symlink', linkname: '/etc/passwd' }], /absolute path/],
    ['a link that climbs out', [{ name: 'a/l', type: 'symlink', linkname: '../../x' }], /leads out/],
    ['a link through another link', [{ name: 'l', type: 'symlink', linkname: 'a/b/..' }], /through a "\.\."/],
    ['a hard link', [file('a'), { name: 'h', type: 'link', linkname: 'a' }], /is a Link/],
    ['a device', [{ name: 'd', type: 'character-device' }], /is a CharacterDevice/],
    ['a pipe', [{ name: 'f', type: 'fifo' }], /is a FIFO/],
    ['nothing', [], /not a readable tar.gz/],
  ] as const)('is refused when it holds %s', async (_what, entries, message) => {
    const { archive, target, directory } = await setup([...entries]);
    await expect(unpackConfiguration(archive, target)).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringMatching(message),
    });
    expect((await readdir(directory)).sort()).toEqual(['a.tar.gz', 'inner']);
    expect(await readdir(path.join(directory, 'inner'))).toEqual(['out']);
  });

  test('is refused when it is a bomb, before it is written whole', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'gh-archive-'));
    const archive = path.join(directory, 'bomb.tar.gz');
    const target = path.join(directory, 'out');
    await mkdir(target);
    const tar = pack();
    const size = archiveLimits.unpackedBytes + 1024 * 1024;
    const entry = tar.entry({ name: 'zeros', size });
    const written = pipeline(tar, createGzip({ level: 1 }), createWriteStream(archive));
    const block = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < size; sent += block.length) {
      if (!entry.write(block)) await new Promise<void>((resolve) => entry.once('drain', () => resolve()));
    }
    entry.end(Buffer.alloc(0));
    tar.finalize();
    await written;
    await expect(unpackConfiguration(archive, target)).rejects.toMatchObject({ code: 'configuration_invalid' });
  });

  test('is refused when it is a bomb inside a bomb, of which the outer layer is small', async () => {
    const { archive, target } = await setup([file('zeros', Buffer.alloc(32 * 1024 * 1024))]);
    await writeFile(archive, gzipSync(await readFile(archive)));
    await expect(unpackConfiguration(archive, target)).rejects.toMatchObject({
      message: expect.stringMatching(/compressed twice/),
    });
    expect(await readdir(target)).toEqual([]);
  });

  test('is taken with zeros behind its end, however many, at once', async () => {
    const { archive, target } = await setup([file('main.tf')]);
    const tar = gunzipSync(await readFile(archive));
    await writeFile(archive, gzipSync(Buffer.concat([tar, Buffer.alloc(64 * 1024 * 1024)]), { level: 1 }));
    await unpackConfiguration(archive, target);
    expect(await readdir(target)).toEqual(['main.tf']);
  }, 10_000);

  test('is not blamed for a folder that is not there', async () => {
    const { archive, target } = await setup([file('main.tf')]);
    await rm(target, { recursive: true });
    await expect(unpackConfiguration(archive, target)).rejects.toMatchObject({ syscall: 'chdir' });
  });

  test.each([
    ['zeros', gzipSync(Buffer.alloc(32 * 1024 * 1024), { level: 1 })],
    ['junk', Buffer.from('not an archive')],
    ['gzipped junk', gzipSync('not a tar'.repeat(200))],
    ['nothing', Buffer.alloc(0)],
  ])('is refused when it is %s', async (_what, content) => {
    const { archive, target } = await setup([]);
    await writeFile(archive, content);
    await expect(unpackConfiguration(archive, target)).rejects.toMatchObject({ code: 'configuration_invalid' });
  });
});
