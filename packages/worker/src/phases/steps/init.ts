import path from 'node:path';
import { z } from 'zod';
import { backendFor } from '../forced-backend.ts';
import { failed } from '../outcome.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { runTerraform } from '../run-terraform.ts';

const initialized = z.object({
  backend: z.object({ type: z.string(), config: z.object({ workspace_dir: z.string() }).partial() }),
});
const longestBackendFile = 1024 * 1024;

/** A plan may add to the lock file; an apply uses what the plan locked. */
export const init = initWith([]);
export const initForApply = initWith(['-lockfile=readonly']);

function initWith(more: readonly string[]): Step {
  return {
    doing: 'initializing',
    async run(phase) {
      phase.log.section('init');
      const { exitCode } = await runTerraform(phase, ['init', '-input=false', ...more]);
      if (exitCode !== 0) return failed('terraform_failed', 'terraform init ended with an error.');
      if (await isOurBackend(phase)) return undefined;
      return failed(
        'configuration_invalid',
        'An override file of the configuration sets another backend or a cloud block that outranks the one of Gatehouse. Remove it.',
      );
    },
  };
}

/** Override files apply in the order of their names; one that sorts behind ours would have won. */
async function isOurBackend(phase: PhaseContext): Promise<boolean> {
  const { host, below } = need(phase, 'directory');
  const file = path.join(host, '.terraform', 'terraform.tfstate');
  const bytes = await need(phase, 'sandbox').readFile(file, longestBackendFile);
  if (bytes === undefined) return false;
  const parsed = initialized.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  const backend = parsed.data?.backend;
  return backend?.type === 'local' && backend.config.workspace_dir === backendFor(below).workspace_dir;
}
