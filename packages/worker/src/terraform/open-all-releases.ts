import type { Engine } from '@gatehouse/shared/engine-version';
import type { ReleaseSettings } from '../config.ts';
import { readReleaseKeys } from './releases/release-keys.ts';
import { openReleases, type Releases } from './releases/releases.ts';

/**
 * The releases of every engine that has a server. Throws `invalid_request` when the keys cannot be read: better when the
 * worker starts than in somebody's run. Later they are read again for each fetch, so that they can be changed.
 */
export async function openAllReleases(settings: ReleaseSettings | undefined): Promise<{
  releases: Record<Engine, Releases | undefined>;
  fingerprints: readonly string[];
}> {
  if (settings === undefined) return { releases: { terraform: undefined, tofu: undefined }, fingerprints: [] };
  const { servers, tofuIndex, keysFile, cache } = settings;
  const keys = () => readReleaseKeys(keysFile);
  const { fingerprints } = await keys();
  const open = (engine: Engine, url: string | undefined, indexUrl: string | undefined) =>
    url === undefined ? undefined : openReleases({ engine, server: { url, indexUrl }, cache, keys });
  return {
    releases: {
      terraform: open('terraform', servers.terraform, undefined),
      tofu: open('tofu', servers.tofu, tofuIndex),
    },
    fingerprints,
  };
}
