import { engines } from '@gatehouse/shared/engine-version';
import { askVersion } from '../terraform/ask-version.ts';
import { failed, type Outcome } from './outcome.ts';
import { need, type PhaseContext } from './phase.ts';

/** What terraform ends `init` and `apply` with; a shell that cannot run a program ends with something else. */
const ownExitCodes: readonly (number | undefined)[] = [0, 1, undefined];

/**
 * Versions of a folder are found by its name, and what lies there may be made for another machine, or be no program at
 * all. Asked only where something went wrong that terraform does not answer with.
 */
export async function unusableProgram(phase: PhaseContext, exitCode: number | undefined): Promise<Outcome | undefined> {
  const { binary, engine, version } = need(phase, 'terraform');
  if (ownExitCodes.includes(exitCode) || (await askVersion(binary)) !== undefined) return undefined;
  const program = `${engines[engine].title} ${version}`;
  return failed(
    'terraform_unavailable',
    `The worker ${phase.settings.workerName} cannot run its ${program}: the program is damaged, or made for another machine.`,
  );
}
