import path from 'node:path';
import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import { mirroredLinks } from '../mirrored-links.ts';
import { isOurBackend } from '../our-backend.ts';
import { failed } from '../outcome.ts';
import { planFile } from '../own-files.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { prepareTerraform, programName, workingDirectory } from '../run-terraform.ts';
import { preparePack } from './pack-tree.ts';
import { prepareSchemas } from './read-schemas.ts';
import { prepareShow } from './show-plan.ts';

/** `terraform plan -detailed-exitcode`. */
const noChanges = 0;
const hasChanges = 2;
const longestPlanFile = 256 * 1024 * 1024;

export async function preparePlan(phase: PhaseContext): Promise<void> {
  const out = path.join(need(phase, 'sandbox').paths.workspace, planFile);
  const options = ['-input=false', '-detailed-exitcode', `-out=${out}`, ...planOptions(phase.claim)];
  phase.made.planAhead = await prepareTerraform(phase, ['plan', ...options]);
}

/**
 * Plans into a file, which the worker takes before anything else of the run gets to work beside it: what is sealed, and
 * applied, is these bytes.
 */
export const makePlan: Step = {
  doing: 'planning',
  async run(phase) {
    phase.log.section('plan');
    const running = need(phase, 'planAhead').run({ cwd: workingDirectory(phase) });
    const [{ exitCode }] = await Promise.all([running, prepareShow(phase), preparePack(phase), prepareSchemas(phase)]);
    if (exitCode !== noChanges && exitCode !== hasChanges) {
      return failed('terraform_failed', `${programName(phase)} plan ended with an error.`);
    }
    const sandbox = need(phase, 'sandbox');
    const file = await sandbox.readFile(path.join(phase.folders.workspace, planFile), longestPlanFile);
    if (file === undefined) return failed('terraform_failed', `${programName(phase)} plan left no plan.`);
    const counts = { resourceAdditions: 0, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
    const mirrored = await providersToLink(phase);
    phase.made.plan = { file, hasChanges: exitCode === hasChanges, counts, changes: [], mirrored };
    return undefined;
  },
};

/** null: the apply is to initialize, and to check, for itself. */
async function providersToLink(phase: PhaseContext): Promise<string[] | null> {
  if (!(await isOurBackend(phase))) return null;
  return mirroredLinks(need(phase, 'directory').host, need(phase, 'sandbox').paths.plugins);
}

function planOptions(claim: PhaseClaim): string[] {
  return [
    ...(claim.structuredOutput ? ['-json'] : []),
    ...(claim.isDestroy ? ['-destroy'] : []),
    ...(claim.refreshOnly ? ['-refresh-only'] : []),
    ...(claim.refresh ? [] : ['-refresh=false']),
    ...claim.targetAddrs.map((address) => `-target=${address}`),
    ...claim.replaceAddrs.map((address) => `-replace=${address}`),
  ];
}
