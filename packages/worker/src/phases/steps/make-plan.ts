import { createHash } from 'node:crypto';
import path from 'node:path';
import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import { failed } from '../outcome.ts';
import { planFile } from '../own-files.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { countChanges } from '../plan-counts.ts';
import { runTerraform } from '../run-terraform.ts';

/** `terraform plan -detailed-exitcode`. */
const noChanges = 0;
const hasChanges = 2;
const longestPlanFile = 512 * 1024 * 1024;
const longestPlanJson = 256 * 1024 * 1024;

/** Plans into a file, whose hash is taken before anything else of the run gets to work beside it. */
export const makePlan: Step = {
  doing: 'planning',
  async run(phase) {
    const out = path.join(need(phase, 'sandbox').paths.workspace, planFile);
    phase.log.section('plan');
    const { exitCode } = await runTerraform(phase, [
      'plan',
      '-input=false',
      '-detailed-exitcode',
      `-out=${out}`,
      ...planOptions(phase.claim),
    ]);
    if (exitCode !== noChanges && exitCode !== hasChanges) {
      return failed('terraform_failed', 'terraform plan ended with an error.');
    }
    const counts = { resourceAdditions: 0, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
    phase.made.plan = { sha256: await hashPlan(phase), hasChanges: exitCode === hasChanges, counts };
    return undefined;
  },
};

/** `terraform show -json`: stored for the page, and what the counts come from. */
export const storePlanJson: Step = {
  doing: 'storing the plan',
  async run(phase) {
    const plan = need(phase, 'plan');
    const file = path.join(need(phase, 'sandbox').paths.workspace, planFile);
    const shown = await runTerraform(phase, ['show', '-json', file], { captureStdoutLimitBytes: longestPlanJson });
    if (shown.exitCode !== 0) return failed('terraform_failed', 'terraform show of the plan ended with an error.');
    phase.made.plan = { ...plan, counts: countChanges(JSON.parse(new TextDecoder().decode(shown.stdout))) };
    await phase.api.storePlanJson(Uint8Array.from(shown.stdout));
    return undefined;
  },
};

export async function hashPlan(phase: PhaseContext): Promise<string> {
  const file = path.join(phase.folders.workspace, planFile);
  const bytes = await need(phase, 'sandbox').readFile(file, longestPlanFile);
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}

function planOptions(claim: PhaseClaim): string[] {
  return [
    ...(claim.isDestroy ? ['-destroy'] : []),
    ...(claim.refreshOnly ? ['-refresh-only'] : []),
    ...(claim.refresh ? [] : ['-refresh=false']),
    ...claim.targetAddrs.map((address) => `-target=${address}`),
    ...claim.replaceAddrs.map((address) => `-replace=${address}`),
  ];
}
