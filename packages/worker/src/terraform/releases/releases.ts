import { chmod, open } from 'node:fs/promises';
import { type Engine, engines } from '@gatehouse/shared/engine-version';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { compareVersions } from '@gatehouse/shared/version-constraint';
import { askVersion } from '../ask-version.ts';
import { type DownloadLimits, defaultDownloadLimits, downloadBytes, downloadFile } from './download.ts';
import { defaultLockPatience, type LockPatience, withLock } from './folder-lock.ts';
import { type CacheSettings, openReleaseCache } from './release-cache.ts';
import { releaseIndex } from './release-index.ts';
import type { ReleaseKeys } from './release-keys.ts';
import { type ReleaseServer, releaseLayout } from './release-layout.ts';
import { sumOf } from './sha256-sums.ts';
import { unpackProgram } from './unpack-program.ts';

/** Whoever waits for a version: told what goes on, and free to leave. */
export type Waiting = { say: (sentence: string) => void; signal: AbortSignal | undefined };

/** The releases of one engine on one server, and those that were fetched before. */
export type Releases = {
  /** The server, for words. */
  place: string;
  cached(): Promise<string[]>;
  /** Binary of a version that was fetched before. */
  find(version: string): Promise<string | undefined>;
  /** Versions that can be had for this machine. Throws `unavailable` when the list cannot be read. */
  listed(): Promise<string[]>;
  /**
   * Fetches a version, once for all that ask meanwhile. Throws `not_found`, or `unavailable` for all else that keeps it
   * from being had, forged releases among it; nothing is kept then.
   */
  fetch(version: string, waiting: Waiting): Promise<string>;
};

export type ReleaseOptions = {
  engine: Engine;
  server: ReleaseServer;
  cache: CacheSettings;
  /** Asked for each fetch, so that an operator can change them. */
  keys: () => Promise<ReleaseKeys>;
  limits?: Partial<SizeLimits>;
  download?: DownloadLimits;
  lock?: LockPatience;
};

export type SizeLimits = { archiveBytes: number; programBytes: number };

/** terraform 1.11 has 28 MB packed and 90 MB unpacked. */
const defaultSizes: SizeLimits = { archiveBytes: 256 * 1024 ** 2, programBytes: 512 * 1024 ** 2 };
const sumsBytes = 1024 ** 2;
const signatureBytes = 64 * 1024;
/** How many versions a sentence names. */
const mostNamed = 10;

export function openReleases(options: ReleaseOptions): Releases {
  const { engine, server, keys, download: limits = defaultDownloadLimits } = options;
  const { program, title } = engines[engine];
  const sizes = { ...defaultSizes, ...options.limits };
  const layout = releaseLayout(engine, server);
  const cache = openReleaseCache(engine, options.cache);
  const underway = new Map<string, Promise<string>>();
  const listed = releaseIndex(layout, title, limits);

  /** One process of those that share the folder fetches, the others find what it has fetched. */
  async function fetchOnce(version: string, say: Waiting['say']): Promise<string> {
    const what = `${title} ${version}`;
    const wait = () => say(`Another worker of this host is fetching ${what} …`);
    try {
      return await withLock(await cache.lockFile(version), options.lock ?? defaultLockPatience, wait, async () => {
        return (await cache.find(version)) ?? (await fetchVerified(version, say));
      });
    } catch (error) {
      if (isGatehouseError(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw unavailable(`${what} cannot be put into this worker's folder of releases: ${why}.`, error);
    }
  }

  async function fetchVerified(version: string, say: Waiting['say']): Promise<string> {
    say(`Fetching ${title} ${version} from ${server.url} …`);
    const startedAt = performance.now();
    const { signer, sum } = await signedSum(version);
    let size = 0;
    const binary = await cache.add(version, async (place) => {
      size = await fetchArchive(version, place.archive, sum);
      await unpackProgram(place.archive, { program, to: place.program, maxBytes: sizes.programBytes }).catch(
        because((why) => refusal(version, why)),
      );
      await chmod(place.program, 0o555);
      const answered = await askVersion(place.program);
      if (answered !== version) throw refusal(version, `its program says that it is ${answered ?? 'no such thing'}.`);
    });
    const took = ((performance.now() - startedAt) / 1000).toFixed(1);
    const megabytes = (size / 1e6).toFixed(1);
    say(`Fetched ${title} ${version} (${megabytes} MB in ${took} s). Its checksum is right and signed by ${signer}.`);
    return binary;
  }

  /** What the archive's sum has to be, by a list that one of our keys has signed. */
  async function signedSum(version: string): Promise<{ signer: string; sum: string }> {
    const sums = await downloadBytes(layout.sums(version), sumsBytes, limits).catch(async (error: unknown) => {
      throw isGatehouseError(error, 'not_found') ? await noSuchVersion(version) : because(cannotFetch(version))(error);
    });
    const signature = await downloadBytes(layout.signature(version), signatureBytes, limits).catch((error: unknown) => {
      if (isGatehouseError(error, 'not_found'))
        throw refusal(version, `its checksums are not signed: ${error.message}`);
      throw because(cannotFetch(version))(error);
    });
    const signer = await (await keys()).signerOf(sums, signature);
    if (signer === undefined) {
      throw refusal(version, 'its checksums are signed by no key of GATEHOUSE_RELEASE_KEYS_FILE.');
    }
    const name = layout.archiveName(version);
    const sum = sumOf(name, sums);
    if (sum === undefined) throw refusal(version, `its signed checksums have none for ${name}.`);
    return { signer, sum };
  }

  async function fetchArchive(version: string, to: string, sum: string): Promise<number> {
    const file = await open(to, 'wx', 0o600);
    try {
      const fetched = await downloadFile(layout.archive(version), file, sizes.archiveBytes, limits).catch(
        because(cannotFetch(version)),
      );
      if (fetched.sha256 !== sum) {
        throw refusal(version, `its archive has the checksum ${fetched.sha256}, and ${sum} is what was signed.`);
      }
      return fetched.bytes;
    } finally {
      await file.close();
    }
  }

  async function noSuchVersion(version: string): Promise<GatehouseError> {
    const versions = (await listed().catch(() => [])).toSorted((one, other) => compareVersions(other, one));
    const more = versions.length > mostNamed ? `, and ${versions.length - mostNamed} older ones` : '';
    const has = versions.length === 0 ? '' : ` It has ${versions.slice(0, mostNamed).join(', ')}${more}.`;
    return new GatehouseError('not_found', `There is no ${title} ${version} at ${server.url}.${has}`);
  }

  const cannotFetch = (version: string) => (why: string) =>
    unavailable(`${title} ${version} could not be fetched: ${why}`);

  function refusal(version: string, why: string): GatehouseError {
    const what = `${title} ${version} from ${server.url} was REFUSED`;
    return unavailable(`${what}: ${why} Nothing of it was kept. It may have been tampered with: tell an operator.`);
  }

  return {
    place: server.url,
    cached: cache.versions,
    find: cache.find,
    listed,
    async fetch(version, { say, signal }) {
      let fetching = underway.get(version);
      if (fetching === undefined) {
        fetching = fetchOnce(version, say).finally(() => underway.delete(version));
        underway.set(version, fetching);
      } else {
        say(`${title} ${version} is being fetched for another run already …`);
      }
      return await unlessAborted(fetching, signal);
    },
  };
}

/** The download goes on for the others. */
async function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return promise;
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([promise, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Says one of our own failures in other words; what is not ours stays what it is. */
function because(words: (why: string) => GatehouseError): (error: unknown) => never {
  return (error) => {
    throw isGatehouseError(error) ? words(error.message) : error;
  };
}

function unavailable(message: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unavailable', message, { cause });
}
