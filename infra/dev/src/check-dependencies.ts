// What `npm run check` wants of the libraries: a lockfile that is true, checksums, no unjudged install script, licenses,
// a reason for each, and no known hole. Ends with 1 and what to do where something is wrong.
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  foreignLicenses,
  type InstalledPackage,
  lockedPackages,
  type Manifest,
  ranges,
  unexplained,
  unjudgedScripts,
  unpinned,
} from './dependency-rules.ts';
import { runPnpm } from './run-pnpm.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

const wantsSchema = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({ dependencies: wantsSchema, devDependencies: wantsSchema });
const licenseSchema = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const installedSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: licenseSchema.optional(),
  licenses: z
    .array(licenseSchema)
    .transform((several) => several.join(' OR '))
    .optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  /** False: it has a `binding.gyp` and wants nothing built, for it brings its binaries. */
  gypfile: z.boolean().optional(),
});

const faults = [
  ...unpinned(lockedPackages(read('pnpm-lock.yaml'))),
  ...ranges(manifests()),
  ...unjudgedScripts(installed(), judgedScripts()),
  ...foreignLicenses(installed()),
  ...unexplained(manifests(), read('docs/decisions/0012-dependencies.md')),
  ...(await staleLockfile()),
  ...(await knownHoles()),
];
if (lockedPackages(read('pnpm-lock.yaml')).length < 100) faults.push('The lockfile was not understood.');
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

function manifests(): Manifest[] {
  return ['package.json', ...globSync('{packages/*,infra/*,test,bench}/package.json', { cwd: repository })].map(
    (file) => {
      const { dependencies, devDependencies } = manifestSchema.parse(JSON.parse(read(file)));
      return { file, wants: { ...dependencies, ...devDependencies } };
    },
  );
}

/** What pnpm laid out, for this system alone; binaries of other systems are the same packages. */
function installed(): InstalledPackage[] {
  const folders = [
    ...globSync('node_modules/.pnpm/*/node_modules/*/package.json', { cwd: repository }),
    ...globSync('node_modules/.pnpm/*/node_modules/@*/*/package.json', { cwd: repository }),
  ];
  return folders.map((file) => {
    const { name, version, license, licenses, scripts, gypfile } = installedSchema.parse(JSON.parse(read(file)));
    const builds = ['preinstall', 'install', 'postinstall'].some((script) => scripts[script] !== undefined);
    const compiles = gypfile !== false && existsSync(path.join(repository, path.dirname(file), 'binding.gyp'));
    const said = license ?? licenses ?? 'none';
    return { id: `${name}@${version}`, name, license: said, hasInstallScript: builds || compiles };
  });
}

function judgedScripts(): Record<string, boolean> {
  const section = /^allowBuilds:\n((?: {2}.*\n)+)/m.exec(read('pnpm-workspace.yaml'))?.[1] ?? '';
  const judged = [...section.matchAll(/^ {2}(\S+): (true|false)$/gm)];
  return Object.fromEntries(judged.map(([, name, word]) => [name ?? '', word === 'true']));
}

async function staleLockfile(): Promise<string[]> {
  const { hasSucceeded, output } = await runPnpm(['install', '--frozen-lockfile', '--lockfile-only']);
  return hasSucceeded ? [] : [`pnpm-lock.yaml is not what the manifests ask for; run pnpm install.\n${output}`];
}

/** Where the registry does not answer such questions this is said, and is no fault: the next machine asks again. */
async function knownHoles(): Promise<string[]> {
  const { hasSucceeded, output } = await runPnpm(['audit', '--audit-level', 'moderate']);
  if (hasSucceeded) return [];
  if (!/ERR_PNPM_AUDIT_(BAD_RESPONSE|ENDPOINT)|ENOTFOUND|ECONN|ETIMEDOUT|fetch failed/.test(output)) return [output];
  process.stdout.write(`KNOWN HOLES WERE NOT LOOKED FOR: the registry does not answer.\n${output}\n`);
  return [];
}

function read(file: string): string {
  return readFileSync(path.join(repository, file), 'utf8');
}
