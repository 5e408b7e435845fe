import { execFile } from 'node:child_process';
import { access, constants, readdir, realpath } from 'node:fs/promises';
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

/** `wanted`: `1.11.4`, or `latest` for the one on PATH, else the highest of the folder. */
export async function findTerraform(sources: TerraformSources, wanted: string): Promise<TerraformSearch> {
  if (wanted !== 'latest') {
    const binary = await executable(
      sources.versionsDir && /^[\w.+-]+$/.test(wanted) && join(sources.versionsDir, wanted, 'terraform'),
    );
    if (binary !== undefined) return { found: { version: wanted, binary } };
  }
  const onPath = await terraformOnPath(sources.searchPath);
  if (onPath !== undefined && (wanted === 'latest' || onPath.version === wanted)) return { found: onPath };

  const versions = await installedVersions(sources.versionsDir);
  const highest = versions[0];
  if (wanted === 'latest' && highest !== undefined) return { found: highest };
  const known = [...new Set([...versions, ...(onPath === undefined ? [] : [onPath])].map(({ version }) => version))];
  const has = known.length === 0 ? 'no terraform at all' : `terraform ${known.join(', ')}`;
  return { missing: `The workspace asks for terraform ${wanted}; this worker has ${has}.` };
}

async function terraformOnPath(searchPath: string): Promise<Terraform | undefined> {
  for (const folder of searchPath.split(':').filter((entry) => entry.startsWith('/'))) {
    const binary = await executable(join(folder, 'terraform'));
    if (binary === undefined) continue;
    const version = await versionOf(binary);
    if (version !== undefined) return { version, binary };
  }
  return undefined;
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
async function executable(path: string | undefined | false | ''): Promise<string | undefined> {
  if (!path) return undefined;
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
