import { execFile } from 'node:child_process';
import { access, constants, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

export type Terraform = { version: string; binary: string };

/** A missing version comes with a sentence that names what there is. */
export type TerraformSearch = { found: Terraform } | { missing: string };

export type TerraformSources = {
  /** Folder of `<version>/terraform`; undefined: none. */
  versionsDir: string | undefined;
  /** PATH-like list in which `terraform` is looked for after it. */
  searchPath: string;
};

const run = promisify(execFile);
const versionAnswer = z.object({ terraform_version: z.string() });
/** The binary is asked for nothing but its version; without a checkpoint call it answers within 0.1 s. */
const versionTimeoutMs = 10_000;
/** No separators: a version is one name in the folder. */
const exactVersion = /^\d[\w.+-]*$/;

/** `wanted`: `1.11.4`, or `latest` for the one on PATH, else the highest of the folder. */
export type FindTerraform = (wanted: string) => Promise<TerraformSearch>;

/**
 * A binary is asked for its version once, and again when it was replaced: the question takes longer than all else that
 * a phase does before terraform starts.
 */
export function createTerraformFinder(sources: TerraformSources): FindTerraform {
  const versions = new Map<string, Promise<string | undefined>>();

  async function cachedVersion(binary: string): Promise<string | undefined> {
    const { mtimeMs, size } = await stat(binary);
    const key = `${binary} ${mtimeMs} ${size}`;
    const known = versions.get(key) ?? versionOf(binary);
    versions.set(key, known);
    return known;
  }

  async function onSearchPath(): Promise<Terraform | undefined> {
    for (const folder of sources.searchPath.split(':').filter((entry) => entry.startsWith('/'))) {
      const binary = await executable(join(folder, 'terraform'));
      const version = binary === undefined ? undefined : await cachedVersion(binary);
      if (binary !== undefined && version !== undefined) return { version, binary };
    }
    return undefined;
  }

  return async (wanted) => {
    if (sources.versionsDir !== undefined && exactVersion.test(wanted)) {
      const binary = await executable(join(sources.versionsDir, wanted, 'terraform'));
      if (binary !== undefined) return { found: { version: wanted, binary } };
    }
    const onPath = await onSearchPath();
    if (onPath !== undefined && (wanted === 'latest' || onPath.version === wanted)) return { found: onPath };

    const installed = await installedVersions(sources.versionsDir);
    const highest = installed[0];
    if (wanted === 'latest' && highest !== undefined) return { found: highest };
    const all = onPath === undefined ? installed : [...installed, onPath];
    const known = [...new Set(all.map(({ version }) => version))];
    const has = known.length === 0 ? 'no terraform at all' : `terraform ${known.join(', ')}`;
    return { missing: `The workspace asks for terraform ${wanted}; this worker has ${has}.` };
  };
}

/** Highest first. */
async function installedVersions(versionsDir: string | undefined): Promise<Terraform[]> {
  if (versionsDir === undefined) return [];
  const names = await readdir(versionsDir).catch(() => []);
  const found = await Promise.all(
    names.map(async (version) => ({ version, binary: await executable(join(versionsDir, version, 'terraform')) })),
  );
  return found
    .flatMap(({ version, binary }) => (binary === undefined ? [] : [{ version, binary }]))
    .sort((one, other) => other.version.localeCompare(one.version, 'en', { numeric: true }));
}

/** The file itself, behind the links of version managers: its folder is what a run gets to see. */
async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}

async function versionOf(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(binary, ['version', '-json'], {
      env: { CHECKPOINT_DISABLE: '1' },
      cwd: '/',
      timeout: versionTimeoutMs,
    });
    return versionAnswer.parse(JSON.parse(stdout)).terraform_version;
  } catch {
    // Not a terraform, or one for another machine: as if it were not there.
    return undefined;
  }
}
