import type { Step } from './phase.ts';
import { applyPlan } from './steps/apply-plan.ts';
import { checkWorkingDirectory } from './steps/check-working-directory.ts';
import { enterSandbox } from './steps/enter-sandbox.ts';
import { fetchPlan, unpackTree } from './steps/fetch-plan.ts';
import { initForApply } from './steps/init.ts';
import { layOutState } from './steps/lay-out-state.ts';
import { openSession } from './steps/open-session.ts';
import { openVariables } from './steps/open-variables.ts';
import { sayRefusedVariables } from './steps/say-refused-variables.ts';
import { sayWhatRuns } from './steps/say-what-runs.ts';

/** The tree is the plan's own, as it was sealed: configuration, variables, modules, lock file and plan file. */
export const applySteps: readonly Step[] = [
  sayWhatRuns,
  openVariables,
  openSession,
  fetchPlan,
  layOutState,
  enterSandbox,
  unpackTree,
  checkWorkingDirectory,
  sayRefusedVariables,
  initForApply,
  applyPlan,
];
