import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { type Engine, engines } from '@gatehouse/shared/engine-version';
import { isExactVersion } from '@gatehouse/shared/version-constraint';
import { executable } from '../installed.ts';

export type CacheSettings = {
  /** May be shared by the workers of one host. */
  folder: string;
  /** Versions of each engine that stay although they are not used. */
  keep: number;
};

/** The fetched versions of one engine, `<engine>/<version>/<program>`: everybody's to read, nobody's to write but the worker's. */
export type ReleaseCache = {
  versions(): Promise<string[]>;
  /** Its binary, which counts as a use. */
  find(version: string): Promise<string | undefined>;
  /** Path of the file that locks a version while it is fetched. */
  lockFile(version: string): Promise<string>;
  /**
   * Lets `make` write `program` (and an `archive` beside it) in a place of its own, and takes the program over when it
   * is whole and `make` has not thrown. When another process was first, its binary stays. Answers with the binary.
   */
  add(version: string, make: (place: { archive: string; program: string }) => Promise<void>): Promise<string>;
};

/** A version that a phase uses was looked for when the phase began: none lasts this long. */
const mayBeInUseMs = 24 * 60 * 60_000;
/** Longer than any fetch may take: what is older was left by a process that died. */
const abandonedAfterMs = 60 * 60_000;

export function openReleaseCache(engine: Engine, settings: CacheSettings): ReleaseCache {
  const { program } = engines[engine];
  const root = path.join(settings.folder, engine);
  const unfinished = path.join(settings.folder, '.unfinished');
  const binaryOf = (version: string) => path.join(root, version, program);

  async function versions(): Promise<string[]> {
    const names = await readdir(root).catch(() => []);
    return names.filter(isExactVersion);
  }

  async function takeOver(finished: string, version: string): Promise<void> {
    // By chmod, whatever the worker's umask is.
    await chmod(path.join(finished, program), 0o555);
    await chmod(finished, 0o755);
    // A folder without its program, as a person may leave one, would stand in the way.
    if ((await executable(binaryOf(version))) === undefined) {
      await rm(path.join(root, version), { recursive: true, force: true });
    }
    try {
      await rename(finished, path.join(root, version));
    } catch (error) {
      if ((await executable(binaryOf(version))) === undefined) throw error;
    }
  }

  /** Beyond `keep`, the longest unused. Out of the way first, so that nobody finds half of it. */
  async function evict(): Promise<void> {
    const uses = await Promise.all(
      (await versions()).map(async (version) => ({ version, usedAt: await modifiedAt(path.join(root, version)) })),
    );
    const old = uses.toSorted((one, other) => other.usedAt - one.usedAt).slice(settings.keep);
    for (const { version, usedAt } of old) {
      if (Date.now() - usedAt < mayBeInUseMs) continue;
      const aside = path.join(unfinished, randomUUID());
      await rename(path.join(root, version), aside).catch(() => {});
      await rm(aside, { recursive: true, force: true });
    }
  }

  async function sweep(): Promise<void> {
    for (const name of await readdir(unfinished)) {
      const left = path.join(unfinished, name);
      if (Date.now() - (await modifiedAt(left)) > abandonedAfterMs) await rm(left, { recursive: true, force: true });
    }
  }

  async function makeFolders(): Promise<void> {
    for (const folder of [settings.folder, root]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o755);
    }
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
  }

  return {
    versions,
    async find(version) {
      const binary = isExactVersion(version) ? await executable(binaryOf(version)) : undefined;
      if (binary === undefined) return undefined;
      const now = new Date();
      // Of another user's folder it cannot be said; that one evicts as it sees fit.
      await utimes(path.dirname(binary), now, now).catch(() => {});
      return binary;
    },
    async lockFile(version) {
      await makeFolders();
      return path.join(root, `.${version}.lock`);
    },
    async add(version, make) {
      await makeFolders();
      await sweep();
      const place = path.join(unfinished, randomUUID());
      const finished = path.join(place, version);
      try {
        await mkdir(finished, { recursive: true, mode: 0o700 });
        await make({ archive: path.join(place, 'archive.zip'), program: path.join(finished, program) });
        await takeOver(finished, version);
      } finally {
        await rm(place, { recursive: true, force: true });
      }
      await evict();
      return binaryOf(version);
    },
  };
}

async function modifiedAt(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now();
}
