import path from 'node:path';
import type { CommandResult } from '../../sandbox/command.ts';
import { ApplyProgress } from '../apply-progress.ts';
import { markStored } from '../folder-owner.ts';
import { failed, finished, joined, type Outcome, outcomeOfStop } from '../outcome.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { longestState } from '../run-folders.ts';
import { prepareCommand, programName, runTerraform, terraformProgram } from '../run-terraform.ts';
import { savedPlanPath } from '../saved-plan.ts';
import { StatePusher } from '../state-pusher.ts';
import { isWholeState, watchState } from '../state-watch.ts';
import { unpackArguments, unpackFailed, unpackInput } from '../unpack-tree.ts';
import { unusableProgram } from '../unusable-program.ts';

/**
 * The sandbox that unpacks the tree is the one of the apply, and is made while the tree is on the way. When it turns out
 * that `init` has to come first, this one is never let go.
 */
export const prepareApply: Step = {
  doing: 'preparing the apply',
  async run(phase) {
    const argv = unpackArguments([terraformProgram(phase), ...applyArguments(phase)]);
    phase.made.applyAhead = await prepareCommand(phase, argv, { stdin: 'at departure', onOutput: outputOf(phase) });
    return undefined;
  },
};

/** Applies exactly the saved plan; every change of the state on the way is stored, whatever becomes of terraform. */
export const applyPlan: Step = {
  doing: 'applying',
  async run(phase) {
    const { api, log, folders, stop, logger } = phase;
    const sandbox = need(phase, 'sandbox');
    const store = async (state: Uint8Array<ArrayBuffer>) => {
      await api.storeState(state);
      await markStored(folders.root, state);
    };
    const pusher = new StatePusher({ store, say: (sentence) => log.say(sentence) });
    const watch = watchState({
      folder: folders.stateOfWorkspace,
      read: () => sandbox.readFile(folders.stateFile, longestState),
      previous: phase.made.previousState,
      onState: (state) => pusher.offer(state),
      onTrouble: (error) => logger.warn({ err: error }, 'the state file cannot be watched'),
    });
    phase.made.progress = new ApplyProgress(need(phase, 'savedPlan').changes, log.masked);
    let exitCode: number | undefined;
    let stored: Outcome | undefined;
    let isWhole = false;
    try {
      log.section('apply');
      ({ exitCode } = await runApply(phase));
    } finally {
      isWhole = await watch.stop();
      if (!isWhole) log.say('The state file is gone, or no whole state; the state before it is kept.');
      await salvageErroredState(phase, pusher);
      stored = await storeLastState(phase, pusher);
    }
    if (stored !== undefined) return stored;
    // Terraform got through although it was asked to stop: that is what happened.
    if (exitCode === 0) return finishedWith(phase, { isWhole, isNew: pusher.newest !== undefined });
    const whatIsDone = phase.made.progress.sentence(stop.isForced);
    const stopped = outcomeOfStop(stop, whatIsDone);
    // A failure's message is told in the log anyway.
    if (stopped?.kind === 'canceled' && whatIsDone !== undefined) log.say(whatIsDone);
    if (stopped !== undefined) return stopped;
    if (exitCode === unpackFailed) return failed('worker_error', 'The saved plan could not be unpacked.');
    const unusable = await unusableProgram(phase, exitCode);
    if (unusable !== undefined) return unusable;
    return failed('terraform_failed', joined(`${programName(phase)} apply ended with an error.`, whatIsDone));
  },
};

/** What was applied stands in the state: an apply whose state is lost has not ended well, whatever terraform says. */
function finishedWith(phase: PhaseContext, state: { isWhole: boolean; isNew: boolean }): Outcome {
  const { counts } = need(phase, 'savedPlan');
  // What is only updated may be as it was, and then its state is.
  const mustChange = counts.resourceAdditions + counts.resourceDestructions > 0;
  if (state.isWhole && (state.isNew || !mustChange)) return finished(true, counts);
  const what = state.isWhole ? 'left no new state' : 'left no state that can be read';
  return failed(
    'state_unavailable',
    `${programName(phase)} apply ended without an error, but ${what}. The state before it is kept: compare it with the infrastructure before you queue the run again.`,
  );
}

async function runApply(phase: PhaseContext): Promise<CommandResult> {
  const { needsInit } = need(phase, 'savedPlan');
  // The tree was unpacked for `init`.
  if (needsInit) return runTerraform(phase, applyArguments(phase), { onOutput: outputOf(phase) });
  return need(phase, 'applyAhead').run({ stdin: unpackInput(phase) });
}

/** What terraform says it has done is read on its way into the log. */
function outputOf({ log, made }: PhaseContext) {
  return (bytes: Uint8Array) => {
    made.progress?.take(bytes);
    return log.write(bytes);
  };
}

function applyArguments(phase: PhaseContext): string[] {
  const how = phase.claim.structuredOutput ? ['-json'] : [];
  return ['apply', '-input=false', ...how, savedPlanPath(phase)];
}

/** Where terraform could not write the state file (a full disk) it leaves the state in the working directory. */
async function salvageErroredState(phase: PhaseContext, pusher: StatePusher): Promise<void> {
  const file = path.join(need(phase, 'directory').host, 'errored.tfstate');
  try {
    const bytes = await need(phase, 'sandbox').readFile(file, longestState);
    if (bytes !== undefined && isWholeState(bytes)) pusher.offer(Uint8Array.from(bytes));
  } catch (error) {
    phase.logger.warn({ err: error }, 'errored.tfstate cannot be read');
  }
}

/** undefined: the api has the last state. */
async function storeLastState(phase: PhaseContext, pusher: StatePusher): Promise<Outcome | undefined> {
  const { api, claim, log, settings, keptStates } = phase;
  const push = await pusher.finish(settings.stateHoldMs);
  const state = pusher.newest;
  if (push === 'stored' || state === undefined) return undefined;
  const file = await keptStates.keep(claim.runId, state, () => api.storeState(state));
  const message = `The last state could not be stored. The worker ${settings.workerName} keeps it as ${path.basename(file)}.`;
  log.say(message);
  return failed('state_unavailable', message);
}
