import { isOurBackend } from '../our-backend.ts';
import { failed, type Outcome } from '../outcome.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { prepareCommand, prepareTerraform, programName, terraformProgram, workingDirectory } from '../run-terraform.ts';
import { unpackArguments, unpackFailed, unpackInput } from '../unpack-tree.ts';
import { unusableProgram } from '../unusable-program.ts';
import { preparePlan } from './make-plan.ts';

const initArguments = ['init', '-input=false'] as const;

/** The first command's sandbox is made while its configuration is still on the way. */
export const prepareInit: Step = {
  doing: 'preparing the first command',
  async run(phase) {
    phase.made.initAhead = await prepareTerraform(phase, initArguments);
    return undefined;
  },
};

/** Before a plan, which may add to the lock file. */
export const init: Step = {
  doing: 'initializing',
  async run(phase) {
    phase.log.section('init');
    const running = need(phase, 'initAhead').run({ cwd: workingDirectory(phase) });
    const [{ exitCode }] = await Promise.all([running, preparePlan(phase)]);
    return judge(phase, exitCode);
  },
};

/**
 * Before an apply, only where the plan's providers were not all in the mirror, or are not in this worker's: else their
 * links are laid out as they were. Either way terraform holds each provider against the checksums of the lock file.
 */
export const initForApply: Step = {
  doing: 'initializing',
  async run(phase) {
    if (!need(phase, 'savedPlan').needsInit) return undefined;
    phase.log.section('init');
    const argv = unpackArguments([terraformProgram(phase), ...initArguments, '-lockfile=readonly']);
    const prepared = await prepareCommand(phase, argv, { stdin: unpackInput(phase) });
    return judge(phase, (await prepared.run()).exitCode);
  },
};

async function judge(phase: PhaseContext, exitCode: number | undefined): Promise<Outcome | undefined> {
  if (exitCode === unpackFailed) return failed('worker_error', 'The saved plan could not be unpacked.');
  const unusable = await unusableProgram(phase, exitCode);
  if (unusable !== undefined) return unusable;
  if (exitCode !== 0) return failed('terraform_failed', `${programName(phase)} init ended with an error.`);
  if (await isOurBackend(phase)) return undefined;
  return failed(
    'configuration_invalid',
    'An override file of the configuration sets another backend or a cloud block that outranks the one of Gatehouse. Remove it.',
  );
}
