import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ownFiles, ownFolder } from '../own-files.ts';
import { need, type Step } from '../phase.ts';

/**
 * What an upload may not bring: another run's `.terraform` and its providers, a state (init would want to migrate it),
 * provider binaries of its own (`terraform.d/plugins`, which terraform would run), and files under our names.
 */
const removed: readonly RegExp[] = [
  /^\.terraform$/,
  /^terraform\.tfstate(\..*)?$/,
  /^errored\.tfstate$/,
  /^terraform\.d$/,
];

export const cleanConfiguration: Step = {
  doing: 'cleaning the configuration',
  async run(phase) {
    const { folders } = phase;
    const ours: readonly string[] = Object.values(ownFiles);
    for (const folder of new Set([folders.workspace, need(phase, 'directory').host])) {
      const names = await readdir(folder);
      const unwanted = names.filter(
        (name) => ours.includes(asTerraform(name)) || removed.some((pattern) => pattern.test(name)),
      );
      for (const name of unwanted) await rm(path.join(folder, name), { recursive: true, force: true });
    }
    const own = path.join(folders.workspace, ownFolder);
    await rm(own, { recursive: true, force: true });
    await mkdir(own, { mode: 0o700 });
    return undefined;
  },
};

/** OpenTofu reads `a.tofu` in place of `a.tf`: a twin of ours under such a name would put ours out of force. */
function asTerraform(name: string): string {
  return name.replace(/\.tofu(\.json)?$/, '.tf$1');
}
