import { lstat, mkdir, opendir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { isProviderPath } from './plan-artifact.ts';

/** Below the working directory; host, namespace, type and version are folders, the platform is what was installed. */
const providersFolder = path.join('.terraform', 'providers');
const depth = 5;
/** What a run leaves there is its own choice. */
const mostProviders = 1_000;

/**
 * The providers that `init` installed, when each of them is a link to its own place in the mirror, as terraform makes
 * it, and nothing else lies there; null otherwise. Nothing is followed. Call only while nothing of the run is alive.
 * `mirror`: as the run sees it.
 */
export async function mirroredLinks(directory: string, mirror: string): Promise<string[] | null> {
  if ((await realpath(directory).catch(() => undefined)) !== directory) return null;
  const root = path.join(directory, providersFolder);
  for (const folder of [path.dirname(root), root]) {
    const found = await lstat(folder).catch(() => undefined);
    if (found === undefined) return [];
    if (!found.isDirectory()) return null;
  }
  let places = [''];
  for (let level = 1; level <= depth; level++) {
    const deeper: string[] = [];
    for (const place of places) {
      // One by one: all names of a folder at once may be more than there is memory for.
      for await (const entry of await opendir(path.join(root, place))) {
        if (deeper.length >= mostProviders) return null;
        const isAsMade = level < depth ? entry.isDirectory() : entry.isSymbolicLink();
        if (!isAsMade) return null;
        deeper.push(path.posix.join(place, entry.name));
      }
    }
    places = deeper;
  }
  for (const place of places) {
    if (!isProviderPath(place)) return null;
    if ((await readlink(path.join(root, place))) !== path.posix.join(mirror, place)) return null;
  }
  return places.sort();
}

/** Whether a mirror (host folder) has all of them unpacked. */
export async function mirrorHas(mirror: string | undefined, providers: readonly string[]): Promise<boolean> {
  if (mirror === undefined) return providers.length === 0;
  const found = await Promise.all(providers.map((place) => stat(path.join(mirror, place)).catch(() => undefined)));
  return found.every((entry) => entry?.isDirectory() === true);
}

/** Lays the links out again in a tree that is still empty. `mirror`: as the run sees it. */
export async function layOutLinks(directory: string, mirror: string, providers: readonly string[]): Promise<void> {
  for (const place of providers) {
    const link = path.join(directory, providersFolder, place);
    await mkdir(path.dirname(link), { recursive: true, mode: 0o755 });
    await symlink(path.posix.join(mirror, place), link);
  }
}
