import { failed } from '../outcome.ts';
import type { Step } from '../phase.ts';

/** The version that the workspace asks for, where this worker has it. An apply takes the one that planned. */
export const findVersion: Step = {
  doing: 'looking for terraform',
  async run({ claim, settings, made, log }) {
    const search = await settings.findTerraform(claim.terraformVersion);
    if ('missing' in search) return failed('terraform_unavailable', search.missing);
    made.terraform = search.found;
    log.say(`worker ${settings.workerName}, terraform ${search.found.version}, sandbox ${settings.sandbox.mode}`);
    return undefined;
  },
};
