import { inOrder, type Step, together } from './phase.ts';
import { applyPlan, prepareApply } from './steps/apply-plan.ts';
import { enterSandbox } from './steps/enter-sandbox.ts';
import { fetchPlan, layOutPlan } from './steps/fetch-plan.ts';
import { handOver } from './steps/hand-over.ts';
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
  together(
    'getting ready',
    layOutState,
    inOrder(
      'preparing the sandbox',
      together('getting the session and the plan', openSession, fetchPlan),
      enterSandbox,
      prepareApply,
      layOutPlan,
    ),
  ),
  handOver,
  sayRefusedVariables,
  initForApply,
  applyPlan,
];
