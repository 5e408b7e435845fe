import type { Step } from './phase.ts';
import { applyPlan, prepareApply } from './steps/apply-plan.ts';
import { fetchPlan, layOutPlan, takePlannedVersion } from './steps/fetch-plan.ts';
import { findVersion } from './steps/find-version.ts';
import { handOver } from './steps/hand-over.ts';
import { initForApply } from './steps/init.ts';
import { layOutState } from './steps/lay-out-state.ts';
import { openVariables } from './steps/open-variables.ts';
import { prepareSandbox } from './steps/prepare-sandbox.ts';
import { sayRefusedVariables } from './steps/say-refused-variables.ts';
import { sayWhatRuns } from './steps/say-what-runs.ts';

/** The tree is the plan's own, as it was sealed: configuration, variables, modules, lock file and plan file. */
export const applySteps: readonly Step[] = [
  sayWhatRuns,
  openVariables,
  findVersion,
  prepareSandbox(prepareApply, layOutState, fetchPlan),
  takePlannedVersion,
  layOutPlan,
  handOver,
  sayRefusedVariables,
  initForApply,
  applyPlan,
];
