import { access, constants, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, engines } from '@gatehouse/shared/engine-version';
import { isExactVersion } from '@gatehouse/shared/version-constraint';
import type { AskVersion } from './ask-version.ts';

export type Terraform = { engine: Engine; version: string; binary: string };

export type TerraformSources = {
  /** Folder of `<version>/terraform` and `<version>/tofu`; undefined: none. */
  versionsDir: string | undefined;
  /** PATH-like list in which `terraform` and `tofu` are looked for after it. */
  searchPath: string;
};

/** By its name in the folder; the binary is not asked. */
export async function inFolder(
  { versionsDir }: TerraformSources,
  engine: Engine,
  version: string,
): Promise<Terraform | undefined> {
  // No separators: a version is one name in the folder.
  if (versionsDir === undefined || !isExactVersion(version)) return undefined;
  const binary = await executable(join(versionsDir, version, engines[engine].program));
  return binary === undefined ? undefined : { engine, version, binary };
}

export async function allInFolder(sources: TerraformSources, engine: Engine): Promise<Terraform[]> {
  if (sources.versionsDir === undefined) return [];
  const names = await readdir(sources.versionsDir).catch(() => []);
  const found = await Promise.all(names.map((version) => inFolder(sources, engine, version)));
  return found.filter((each) => each !== undefined);
}

/** The first that answers. */
export async function onSearchPath(
  { searchPath }: TerraformSources,
  engine: Engine,
  versionOf: AskVersion,
): Promise<Terraform | undefined> {
  for (const folder of searchPath.split(':').filter((entry) => entry.startsWith('/'))) {
    const binary = await executable(join(folder, engines[engine].program));
    const version = binary === undefined ? undefined : await versionOf(binary);
    if (binary !== undefined && version !== undefined) return { engine, version, binary };
  }
  return undefined;
}

/** The file itself, behind the links of version managers: its folder is what a run gets to see. */
export async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}
