import path from 'node:path';
import { parseForeignJson, TooManyParts } from '@gatehouse/shared/foreign-json';
import { failed } from '../outcome.ts';
import { planFile } from '../own-files.ts';
import { need, type PhaseContext, type Step } from '../phase.ts';
import { countChanges } from '../plan-counts.ts';
import { changesOf } from '../planned-changes.ts';
import { prepareTerraform, programName, workingDirectory } from '../run-terraform.ts';

const longestPlanJson = 256 * 1024 * 1024;

/** It asks providers for their schemas only: without a way out. */
export async function prepareShow(phase: PhaseContext): Promise<void> {
  const file = path.join(need(phase, 'sandbox').paths.workspace, planFile);
  const options = { captureStdoutLimitBytes: longestPlanJson, offline: true };
  phase.made.showAhead = await prepareTerraform(phase, ['show', '-json', file], options);
}

/** `terraform show -json`: for the page, and what the counts come from. */
export const showPlan: Step = {
  doing: 'showing the plan',
  async run(phase) {
    const { exitCode, stdout } = await need(phase, 'showAhead').run({ cwd: workingDirectory(phase) });
    if (exitCode !== 0)
      return failed('terraform_failed', `${programName(phase)} show of the plan ended with an error.`);
    const shown = readShown(stdout);
    if (shown === 'too large')
      return failed(
        'terraform_failed',
        'The plan has too many parts to be read. Plan less at a time, with targets or more workspaces.',
      );
    if (shown === undefined)
      return failed('terraform_failed', `${programName(phase)} show of the plan printed something else than a plan.`);
    phase.made.plan = { ...need(phase, 'plan'), ...shown };
    phase.made.planJson = Uint8Array.from(stdout);
    return undefined;
  },
};

/** undefined: no plan as terraform shows one. */
function readShown(stdout: Uint8Array) {
  try {
    const plan: unknown = parseForeignJson(stdout);
    return { counts: countChanges(plan), changes: changesOf(plan) };
  } catch (error) {
    if (error instanceof TooManyParts) return 'too large';
    // What the parser says repeats a piece of the plan.
    return undefined;
  }
}

export const storePlanJson: Step = {
  doing: 'storing the plan',
  async run(phase) {
    await phase.api.storePlanJson(need(phase, 'planJson'));
    return undefined;
  },
};
