import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { reformatKey, revokeKey } from 'openpgp';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readReleaseKeys } from '../../../src/terraform/releases/release-keys.ts';
import { openReleases, type ReleaseOptions } from '../../../src/terraform/releases/releases.ts';
import {
  newReleaseKey,
  programScript,
  type Release,
  type ReleaseKey,
  type ReleaseServerOfTests,
  sha256,
  startReleaseServer,
  zipOf,
} from '../../surroundings/release-server.ts';

let key: ReleaseKey;
let server: ReleaseServerOfTests;
let folder: string;
let keysFile: string;
const v = '1.10.5';

beforeAll(async () => {
  key = await newReleaseKey();
});
beforeEach(async () => {
  server = await startReleaseServer(key);
  folder = await mkdtemp(path.join(tmpdir(), 'gh-releases-'));
  keysFile = path.join(folder, 'keys.asc');
  await writeFile(keysFile, server.publicKey);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const cacheFolder = () => path.join(folder, 'cache');
const said: string[] = [];
beforeEach(() => {
  said.length = 0;
});
const waiting = { say: (sentence: string) => said.push(sentence), signal: undefined };

function releases(more: Partial<ReleaseOptions> = {}) {
  return openReleases({
    engine: 'terraform',
    server: { url: server.url, indexUrl: undefined },
    cache: { folder: cacheFolder(), keep: 10 },
    keys: () => readReleaseKeys(keysFile),
    ...more,
  });
}

/** The message of what it was refused with. */
async function refusal(fetching: Promise<unknown>): Promise<string> {
  const error = await fetching.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isGatehouseError(error)) throw new Error(`It was not refused: ${String(error)}`);
  return error.message;
}

/** Everything below the cache's folder, locks and leftovers too. */
async function kept(): Promise<string[]> {
  const entries = await readdir(cacheFolder(), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}

describe('a release that is as it should be', () => {
  test('is fetched, verified, unpacked and kept; then it needs no server', async () => {
    await server.publish('terraform', v);
    const binary = await releases().fetch(v, waiting);
    expect(binary).toBe(path.join(cacheFolder(), 'terraform', v, 'terraform'));
    expect(await readFile(binary, 'utf8')).toBe(programScript(v));
    expect(await kept()).toEqual(['terraform']);
    const { fingerprints } = await readReleaseKeys(keysFile);
    expect(said[0]).toBe(`Fetching terraform ${v} from ${server.url} …`);
    expect(said[1]).toContain(`signed by ${fingerprints[0]}`);

    await server.close();
    expect(await releases().find(v)).toBe(binary);
    expect(await releases().fetch(v, waiting)).toBe(binary);
    expect(await releases().cached()).toEqual([v]);
  });

  test('can be read and run by everybody, and written by nobody', async () => {
    await server.publish('terraform', v);
    const before = process.umask(0o077);
    const binary = await releases()
      .fetch(v, waiting)
      .finally(() => process.umask(before));
    const mode = async (file: string) => (await stat(file)).mode & 0o777;
    expect(await mode(binary)).toBe(0o555);
    for (const place of [path.dirname(binary), path.dirname(path.dirname(binary)), cacheFolder()]) {
      expect(await mode(place)).toBe(0o755);
    }
  });

  test('of OpenTofu lies elsewhere, and is kept beside', async () => {
    await server.publish('tofu', '1.9.0');
    const tofu = releases({ engine: 'tofu', server: { url: server.url, indexUrl: server.indexUrl } });
    expect(await tofu.listed()).toEqual(['1.9.0']);
    expect(await tofu.fetch('1.9.0', waiting)).toBe(path.join(cacheFolder(), 'tofu', '1.9.0', 'tofu'));
    expect(server.requests).toContain('/v1.9.0/tofu_1.9.0_SHA256SUMS.gpgsig');
  });
});

describe('one that is not is refused loudly, and nothing of it is kept', () => {
  const good = () => zipOf([{ name: 'terraform', content: programScript(v) }]);
  const link = 0o120777;

  test.each<[string, () => Promise<Release>, RegExp]>([
    [
      'an archive of other bytes',
      async () => ({ sums: await sumsOf(await good()), archive: await evil() }),
      /checksum/,
    ],
    [
      'a truncated archive',
      async () => ({ sums: await sumsOf(await good()), archive: (await good()).subarray(0, 200) }),
      /checksum/,
    ],
    [
      'checksums of another file only',
      async () => ({ sums: `${sha256('x')}  terraform_1.10.4_linux_amd64.zip\n` }),
      /have none for terraform_1\.10\.5/,
    ],
    [
      'two checksums for one file',
      async () => ({ sums: `${await sumsOf(await good())}${await sumsOf(await evil())}` }),
      /have none for/,
    ],
    [
      'checksums signed by a stranger',
      async () => ({ signedBy: (await newReleaseKey()).privateKey }),
      /signed by no key/,
    ],
    ['checksums without a signature', async () => ({ signedBy: null }), /not signed/],
    [
      'a program of another version',
      async () => ({ entries: [{ name: 'terraform', content: programScript('1.10.4') }] }),
      /says that it is 1\.10\.4/,
    ],
    [
      'a program that is none',
      async () => ({ entries: [{ name: 'terraform', content: 'not a program' }] }),
      /says that it is no such thing/,
    ],
    [
      'no program',
      async () => ({ entries: [{ name: 'bin/terraform', content: programScript(v) }] }),
      /holds no terraform/,
    ],
    ['the program twice', async () => ({ entries: [programEntry(), programEntry()] }), /holds terraform twice/],
    [
      'a link for a program',
      async () => ({ entries: [{ name: 'terraform', content: '/bin/true', mode: link }] }),
      /no plain file/,
    ],
    ['a file that climbs out', async () => ({ archive: await climbing() }), /invalid relative path/],
    [
      'too many files',
      async () => ({ entries: Array.from({ length: 120 }, (_, n) => ({ name: `f${n}`, content: '' })) }),
      /holds 121 files/,
    ],
    ['what is no archive', async () => ({ archive: Buffer.from('<html>not found</html>') }), /cannot be unpacked/],
    ['an archive whose sizes lie', async () => ({ archive: await lying() }), /cannot be unpacked/],
  ])('%s', async (_what, release, why) => {
    await server.publish('terraform', v, await release());
    const message = await refusal(releases().fetch(v, waiting));
    expect(message).toMatch(/^terraform 1\.10\.5 from http:.* was REFUSED: .* Nothing of it was kept\./);
    expect(message).toMatch(why);
    expect(await kept()).toEqual([]);
    expect(await releases().cached()).toEqual([]);

    // It is no grudge: the real one is taken.
    await server.publish('terraform', v);
    expect(await releases().fetch(v, waiting)).toContain(v);
  });

  test('signed checksums that were changed', async () => {
    await server.publish('terraform', v);
    const archive = await evil();
    server.put(server.layouts.terraform.archive(v), archive);
    server.put(server.layouts.terraform.sums(v), Buffer.from(await sumsOf(archive)));
    expect(await refusal(releases().fetch(v, waiting))).toContain('signed by no key of GATEHOUSE_RELEASE_KEYS_FILE');
    expect(await kept()).toEqual([]);
  });

  test('what is larger than allowed, packed or unpacked', async () => {
    await server.publish('terraform', v);
    const packed = releases({ limits: { archiveBytes: 300 } });
    expect(await refusal(packed.fetch(v, waiting))).toContain('is larger than 300 bytes');
    const unpacked = releases({ limits: { programBytes: 50 } });
    expect(await refusal(unpacked.fetch(v, waiting))).toMatch(/REFUSED: the archive holds a terraform of \d+ bytes/);
    expect(await kept()).toEqual([]);
  });

  const programEntry = () => ({ name: 'terraform', content: programScript(v) });
  const evil = () => zipOf([{ name: 'terraform', content: `${programScript(v)}# and more` }]);
  const sumsOf = async (archive: Uint8Array) => `${sha256(archive)}  ${server.layouts.terraform.archiveName(v)}\n`;

  /** yazl makes no such name: it is put in afterwards, in both places where a zip has it. */
  async function climbing(): Promise<Uint8Array> {
    const archive = await zipOf([programEntry(), { name: 'aa/bb', content: 'x' }]);
    return Buffer.from(Buffer.from(archive).toString('latin1').replaceAll('aa/bb', '../bb'), 'latin1');
  }

  /** Says in its directory that the program has one byte more than there is. */
  async function lying(): Promise<Uint8Array> {
    const archive = Buffer.from(await zipOf([programEntry()]));
    const directory = archive.indexOf(Buffer.from('PK\u0001\u0002'));
    archive.writeUInt32LE(archive.readUInt32LE(directory + 24) + 1, directory + 24);
    return archive;
  }
});

describe('keys', () => {
  const day = 24 * 60 * 60_000;
  const ago = (days: number) => new Date(Date.now() - days * day);

  test('any key of the file will do, whatever stands between them', async () => {
    const other = await newReleaseKey();
    await writeFile(keysFile, `A note.\n${other.publicKey}\nAnother.\n${server.publicKey}`);
    await server.publish('terraform', v);
    expect(await releases().fetch(v, waiting)).toContain(v);
    expect((await readReleaseKeys(keysFile)).fingerprints).toHaveLength(2);
  });

  test.each([
    ['a key that has expired since stands for what it signed before', 80, true],
    ['a key that had expired stands for nothing', 20, false],
  ])('%s', async (_what, signedDaysAgo, isTaken) => {
    const young = await newReleaseKey({ date: ago(100) });
    await server.publish('terraform', v, { signedBy: young.privateKey, signedAt: ago(signedDaysAgo) });
    await trust(young, { date: ago(100), keyExpirationTime: (50 * day) / 1000 });
    const fetching = releases().fetch(v, waiting);
    if (isTaken) expect(await fetching).toContain(v);
    else expect(await refusal(fetching)).toContain('signed by no key');
  });

  test('a key that was renewed stands for what it signed before', async () => {
    const old = await newReleaseKey({ date: ago(100) });
    await server.publish('terraform', v, { signedBy: old.privateKey, signedAt: ago(80) });
    await trust(old, { date: ago(10) });
    expect(await releases().fetch(v, waiting)).toContain(v);
  });

  /** Signs the key's own particulars anew, as its owner may, and puts it into the file. */
  async function trust({ privateKey }: ReleaseKey, particulars: { date: Date; keyExpirationTime?: number }) {
    const userIDs = [{ name: 'Releases of a test' }];
    const renewed = await reformatKey({ privateKey, userIDs, format: 'object', ...particulars });
    await writeFile(keysFile, renewed.publicKey.armor());
  }

  test('a revoked key stands for nothing', async () => {
    await server.publish('terraform', v);
    const revoked = await revokeKey({ key: server.privateKey, format: 'object' });
    await writeFile(keysFile, revoked.publicKey.armor());
    expect(await refusal(releases().fetch(v, waiting))).toContain('signed by no key');
  });

  test.each([
    ['there is no file', undefined, 'cannot be read'],
    ['it holds none', 'nothing', 'holds no armored public key'],
    [
      'one is broken',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----',
      'cannot be read',
    ],
  ])('%s: it is said with the name of the setting', async (_what, text, why) => {
    if (text === undefined) await rm(keysFile);
    else await writeFile(keysFile, text);
    const message = await refusal(readReleaseKeys(keysFile));
    expect(message).toContain('GATEHOUSE_RELEASE_KEYS_FILE');
    expect(message).toContain(why);
  });
});

describe('a server that does not give it', () => {
  const quick = { idleMs: 150, totalMs: 5_000 };

  test('404: the versions that there are', async () => {
    for (const version of ['1.9.8', '1.10.0', '1.11.4', ...Array.from({ length: 10 }, (_, n) => `1.0.${n}`)]) {
      await server.publish('terraform', version);
    }
    expect(await refusal(releases().fetch('1.99.0', waiting))).toBe(
      `There is no terraform 1.99.0 at ${server.url}. It has 1.11.4, 1.10.0, 1.9.8, 1.0.9, 1.0.8, 1.0.7, 1.0.6, 1.0.5, 1.0.4, 1.0.3, and 3 older ones.`,
    );
  });

  test('404 without a list', async () => {
    expect(await refusal(releases().fetch('1.99.0', waiting))).toBe(`There is no terraform 1.99.0 at ${server.url}.`);
  });

  test('an archive that is not there', async () => {
    await server.publish('terraform', v);
    server.put(server.layouts.terraform.archive(v), undefined);
    expect(await refusal(releases().fetch(v, waiting))).toMatch(
      /could not be fetched: .*\.zip answered with status 404/,
    );
  });

  test('an error', async () => {
    await server.publish('terraform', v);
    server.put(server.layouts.terraform.sums(v), (_request, response) => response.writeHead(503).end());
    expect(await refusal(releases().fetch(v, waiting))).toMatch(
      /could not be fetched: .*SHA256SUMS answered with status 503/,
    );
  });

  test('nobody there', async () => {
    await server.close();
    expect(await refusal(releases().fetch(v, waiting))).toMatch(/could not be fetched: .*ECONNREFUSED/);
    expect(await refusal(releases().listed())).toContain('The list of terraform releases cannot be read');
  });

  test('one that falls silent, at first or in the middle', async () => {
    await server.publish('terraform', v);
    const { archive, sums } = server.layouts.terraform;
    server.put(archive(v), (_request, response) => void response.writeHead(200).write('PK'));
    expect(await refusal(releases({ download: quick }).fetch(v, waiting))).toMatch(/\.zip was silent for 0\.15 s/);
    server.put(sums(v), () => {});
    expect(await refusal(releases({ download: quick }).fetch(v, waiting))).toMatch(/SHA256SUMS was silent for 0\.15 s/);
    expect(await kept()).toEqual([]);
  });

  test('one that takes for ever, drop by drop', async () => {
    await server.publish('terraform', v);
    server.put(server.layouts.terraform.archive(v), (request, response) => {
      const drops = setInterval(() => response.write('x'), 20);
      request.once('close', () => clearInterval(drops));
    });
    const download = { idleMs: 5_000, totalMs: 300 };
    expect(await refusal(releases({ download }).fetch(v, waiting))).toMatch(/\.zip takes longer than 0\.3 s/);
    expect(await kept()).toEqual([]);
  });

  test('a connection that is cut', async () => {
    await server.publish('terraform', v);
    server.put(server.layouts.terraform.archive(v), (_request, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write('half', () => response.destroy());
    });
    expect(await refusal(releases().fetch(v, waiting))).toContain('could not be fetched');
    expect(await kept()).toEqual([]);
  });

  test('a list that has another form', async () => {
    server.put(`${server.url}/terraform/index.json`, Buffer.from('[]'));
    expect(await refusal(releases().listed())).toContain('/terraform/index.json has another form');
  });

  test('a list that cannot be read again: the old one stands', async () => {
    await server.publish('terraform', v);
    const open = releases();
    expect(await Promise.all([open.listed(), open.listed()])).toEqual([[v], [v]]);
    await server.close();
    expect(await open.listed()).toEqual([v]);
    expect(server.asked(`${server.url}/terraform/index.json`)).toBe(1);
  });
});

describe('one download serves all', () => {
  /** The archive comes when `release` is called. */
  async function publishHeld() {
    await server.publish('terraform', v);
    const at = server.layouts.terraform.archive(v);
    const archive = await zipOf([
      { name: 'terraform', content: programScript(v) },
      { name: 'LICENSE.txt', content: 'A licence.' },
    ]);
    const asked = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    server.put(at, async (_request, response) => {
      asked.resolve();
      await released.promise;
      response.writeHead(200).end(archive);
    });
    await server.publish('terraform', '0.0.1');
    return { at, asked: asked.promise, release: released.resolve };
  }

  test('of one worker, who are told', async () => {
    const { at, asked, release } = await publishHeld();
    const open = releases();
    const first = open.fetch(v, waiting);
    await asked;
    const others = [1, 2, 3].map(() => open.fetch(v, waiting));
    release();
    expect(new Set(await Promise.all([first, ...others])).size).toBe(1);
    expect(server.asked(at)).toBe(1);
    expect(said.filter((sentence) => sentence.includes('for another run already'))).toHaveLength(3);
  });

  test('of two workers on one folder', async () => {
    const { at, asked, release } = await publishHeld();
    const lock = { staleMs: 30_000, pollMs: 10 };
    const first = releases({ lock }).fetch(v, waiting);
    await asked;
    const told = Promise.withResolvers<string>();
    const second = releases({ lock }).fetch(v, { say: told.resolve, signal: undefined });
    expect(await told.promise).toBe(`Another worker of this host is fetching terraform ${v} …`);
    release();
    expect(await first).toBe(await second);
    expect(server.asked(at)).toBe(1);
    expect(await kept()).toEqual(['terraform']);
  });

  test('whoever leaves does not stop it for the others', async () => {
    const { asked, release } = await publishHeld();
    const open = releases();
    const leaving = new AbortController();
    const first = open.fetch(v, { say: () => {}, signal: leaving.signal });
    await asked;
    const second = open.fetch(v, waiting);
    leaving.abort(new Error('canceled'));
    await expect(first).rejects.toThrow('canceled');
    release();
    expect(await second).toContain(v);
  });

  test('a failure is everybody’s, and the next one tries again', async () => {
    const open = releases();
    const both = await Promise.allSettled([open.fetch(v, waiting), open.fetch(v, waiting)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await server.publish('terraform', v);
    expect(await open.fetch(v, waiting)).toContain(v);
  });
});

describe('a worker that died in the middle', () => {
  test('leaves a lock that is taken away, and pieces that nobody takes for a release', async () => {
    await server.publish('terraform', v);
    const open = releases({ lock: { staleMs: 500, pollMs: 10 } });
    await open.fetch('0.0.1', waiting).catch(() => {});
    const pieces = path.join(cacheFolder(), '.unfinished', 'of-the-dead');
    await writeFile(path.join(cacheFolder(), 'terraform', `.${v}.lock`), 'of the dead');
    await writeFile(pieces, 'half an archive');
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
    await utimes(path.join(cacheFolder(), 'terraform', `.${v}.lock`), longAgo, longAgo);
    await utimes(pieces, longAgo, longAgo);

    expect(await open.cached()).toEqual([]);
    expect(await open.fetch(v, waiting)).toContain(v);
    expect(await kept()).toEqual(['terraform']);
  });

  test('leaves a folder without its program, which is no release', async () => {
    await server.publish('terraform', v);
    const binary = await releases().fetch(v, waiting);
    await rm(binary);
    await writeFile(path.join(path.dirname(binary), 'something'), '');
    expect(await releases().find(v)).toBeUndefined();
    expect(await releases().fetch(v, waiting)).toBe(binary);
    expect(await kept()).toEqual(['terraform']);
  });
});

test('beyond a number the longest unused go, but none that a run may be using', async () => {
  const open = releases({ cache: { folder: cacheFolder(), keep: 2 } });
  const hours = (count: number) => new Date(Date.now() - count * 60 * 60_000);
  const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3'];
  for (const version of versions) await server.publish('terraform', version);
  const used: Record<string, number> = { '1.0.0': 70, '1.0.1': 80, '1.0.2': 1 };
  for (const version of versions.slice(0, 3)) {
    await open.fetch(version, waiting);
    const at = hours(used[version] ?? 0);
    await utimes(path.join(cacheFolder(), 'terraform', version), at, at);
  }
  // Looked for just now: it counts as used.
  await open.find('1.0.0');
  await open.fetch('1.0.3', waiting);
  // The two newest stay by the number, the third because it may be in use.
  expect((await open.cached()).sort()).toEqual(['1.0.0', '1.0.2', '1.0.3']);
});
