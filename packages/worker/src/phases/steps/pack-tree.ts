import { failed } from '../outcome.ts';
import { ownFolder } from '../own-files.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { prepareCommand } from '../run-terraform.ts';

/** In memory three times over while it is sealed. A tree is text; its modules are what is large. */
const longestTree = 256 * 1024 * 1024;

export async function preparePack(phase: PhaseContext): Promise<void> {
  if (phase.claim.planOnly) return;
  const { workspace } = need(phase, 'sandbox').paths;
  const left = ['--exclude=.terraform/providers', `--exclude=./${ownFolder}`];
  const argv = ['tar', '--use-compress-program=gzip -1', ...left, '-cf', '-', '-C', workspace, '.'];
  phase.made.packAhead = await prepareCommand(phase, argv, { captureStdoutLimitBytes: longestTree, offline: true });
}

/**
 * The whole tree as the plan saw it, since files are read at apply time too. Packed inside the sandbox: the worker reads
 * none of the run's links and devices. Left out are the providers, which are laid out or installed again by the lock
 * file, and the plan, which the worker has.
 */
export const packTree: Step = {
  doing: 'packing the working tree',
  async run(phase) {
    // In a run that only plans nothing will be applied, and mostly nothing where nothing changes.
    const { planOnly, allowEmptyApply } = phase.claim;
    if (planOnly || !(need(phase, 'plan').hasChanges || allowEmptyApply)) return undefined;
    const { exitCode, stdout } = await need(phase, 'packAhead').run();
    if (exitCode !== 0) return failed('worker_error', 'The working tree could not be packed for the apply.');
    phase.made.tree = stdout;
    return undefined;
  },
};
