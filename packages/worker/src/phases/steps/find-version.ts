import { engines } from '@gatehouse/shared/engine-version';
import { failed } from '../outcome.ts';
import type { PhaseContext, Step } from '../phase.ts';

/** The version that the workspace asks for, where this worker has it or can get it. An apply takes the one that planned. */
export const findVersion: Step = {
  doing: 'looking for terraform',
  async run(phase) {
    const { claim, settings, made, log } = phase;
    const search = await lookFor(phase, claim.terraformVersion);
    if ('missing' in search) return failed('terraform_unavailable', search.missing);
    made.terraform = search.found;
    const { engine, version } = search.found;
    log.say(`worker ${settings.workerName}, ${engines[engine].title} ${version}, sandbox ${settings.sandbox.mode}`);
    return undefined;
  },
};

/** What it takes to get it is told in the run's log; whoever stops the run need not wait for it. */
export async function lookFor({ settings, log, logger, stop }: PhaseContext, wanted: string) {
  const waiting = { say: (sentence: string) => log.say(sentence), signal: stop.signal };
  const search = await settings.findTerraform(wanted, waiting);
  if ('missing' in search) logger.warn({ wanted, why: search.missing }, 'no such terraform');
  return search;
}
