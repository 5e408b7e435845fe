import { type Engine, engines, parseWantedVersion, wantedVersionRule } from '@gatehouse/shared/engine-version';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import {
  compareVersions,
  fitsConstraint,
  isPrerelease,
  type VersionConstraint,
} from '@gatehouse/shared/version-constraint';
import { rememberingVersions } from './ask-version.ts';
import { allInFolder, inFolder, onSearchPath, type Terraform, type TerraformSources } from './installed.ts';
import type { Releases, Waiting } from './releases/releases.ts';

export type { Terraform, TerraformSources } from './installed.ts';

/** A missing version comes with a sentence that names what there is. */
export type TerraformSearch = { found: Terraform } | { missing: string };

/**
 * `wanted`: what a workspace may ask for (`parseWantedVersion`). Found in the folder of versions, else on PATH, else
 * among the releases that were or can be fetched. `latest` is what the worker has: the one on PATH, else the folder's
 * highest, and only without either the newest release; a constraint takes the highest of all.
 */
export type FindTerraform = (wanted: string, waiting?: Waiting) => Promise<TerraformSearch>;

/** `releases`: of the engines that may be downloaded. */
export function createTerraformFinder(
  sources: TerraformSources,
  releases: Partial<Record<Engine, Releases | undefined>> = {},
): FindTerraform {
  const versionOf = rememberingVersions();

  return async (text, waiting = { say: () => {}, signal: undefined }) => {
    const wanted = parseWantedVersion(text);
    if (wanted === undefined) return { missing: `The workspace asks for "${text}". ${wantedVersionRule}` };
    const { engine } = wanted;
    const search = { engine, released: releases[engine], waiting };
    try {
      const found =
        'exact' in wanted
          ? await findExact(search, wanted.exact)
          : 'latest' in wanted
            ? await findLatest(search)
            : await findHighest(search, wanted.constraint);
      return found === undefined ? { missing: await sayWhatThereIs(search, text) } : { found };
    } catch (error) {
      if (isGatehouseError(error) && !waiting.signal?.aborted) return { missing: error.message };
      throw error;
    }
  };

  async function findExact(search: Search, version: string): Promise<Terraform | undefined> {
    const { engine } = search;
    const named = await inFolder(sources, engine, version);
    if (named !== undefined) return named;
    const onPath = await onSearchPath(sources, engine, versionOf);
    return onPath?.version === version ? onPath : obtain(search, version);
  }

  async function findLatest(search: Search): Promise<Terraform | undefined> {
    const { engine } = search;
    const own = (await onSearchPath(sources, engine, versionOf)) ?? highest(await allInFolder(sources, engine));
    if (own !== undefined) return own;
    const stable = (await listed(search)).filter((version) => !isPrerelease(version));
    const [newest] = stable.sort(newestFirst);
    return newest === undefined ? undefined : obtain(search, newest);
  }

  async function findHighest(search: Search, constraint: VersionConstraint): Promise<Terraform | undefined> {
    const own = highest((await installed(search.engine)).filter(({ version }) => fitsConstraint(version, constraint)));
    const fitting = (await listed(search)).filter((version) => fitsConstraint(version, constraint));
    const [newest] = fitting.sort(newestFirst);
    const isOwnBest = newest === undefined || (own !== undefined && compareVersions(own.version, newest) >= 0);
    return isOwnBest ? own : obtain(search, newest);
  }

  async function obtain({ engine, released, waiting }: Search, version: string): Promise<Terraform | undefined> {
    if (released === undefined) return undefined;
    return { engine, version, binary: (await released.find(version)) ?? (await released.fetch(version, waiting)) };
  }

  /** Without the list, what was fetched before is all that is known. */
  async function listed({ released, waiting }: Search): Promise<string[]> {
    if (released === undefined) return [];
    const cached = await released.cached();
    try {
      return [...new Set([...cached, ...(await released.listed())])];
    } catch (error) {
      if (!isGatehouseError(error)) throw error;
      waiting.say(`${error.message} Only what this worker has already is looked through.`);
      return cached;
    }
  }

  async function installed(engine: Engine): Promise<Terraform[]> {
    const onPath = await onSearchPath(sources, engine, versionOf);
    return [...(await allInFolder(sources, engine)), ...(onPath === undefined ? [] : [onPath])];
  }

  async function sayWhatThereIs({ engine, released }: Search, text: string): Promise<string> {
    const { title } = engines[engine];
    const cached = (await released?.cached()) ?? [];
    const known = [...new Set([...(await installed(engine)).map(({ version }) => version), ...cached])].sort(
      newestFirst,
    );
    const has = known.length === 0 ? `no ${title} at all` : `${title} ${known.join(', ')}`;
    const beside = released === undefined ? '' : `, and ${released.place} lists none that fits`;
    return `The workspace asks for ${engine === 'tofu' ? '' : 'terraform '}${text}; this worker has ${has}${beside}.`;
  }
}

type Search = { engine: Engine; released: Releases | undefined; waiting: Waiting };

function highest(found: readonly Terraform[]): Terraform | undefined {
  return found.toSorted((one, other) => newestFirst(one.version, other.version))[0];
}

function newestFirst(one: string, other: string): number {
  return compareVersions(other, one);
}
