import type { Step } from './phase.ts';
import { checkWorkingDirectory } from './steps/check-working-directory.ts';
import { cleanConfiguration } from './steps/clean-configuration.ts';
import { concludePlan } from './steps/conclude-plan.ts';
import { enterSandbox } from './steps/enter-sandbox.ts';
import { fetchConfiguration } from './steps/fetch-configuration.ts';
import { findVersion } from './steps/find-version.ts';
import { init } from './steps/init.ts';
import { layOutState } from './steps/lay-out-state.ts';
import { makePlan, storePlanJson } from './steps/make-plan.ts';
import { openSession } from './steps/open-session.ts';
import { openVariables } from './steps/open-variables.ts';
import { sayRefusedVariables } from './steps/say-refused-variables.ts';
import { sayWhatRuns } from './steps/say-what-runs.ts';
import { storePlan } from './steps/store-plan.ts';
import { writeBackendOverride } from './steps/write-backend-override.ts';
import { writeVariables } from './steps/write-variables.ts';

/** Everything up to `enterSandbox` writes into the tree from outside; after it only the run itself does. */
export const planSteps: readonly Step[] = [
  sayWhatRuns,
  openVariables,
  findVersion,
  openSession,
  fetchConfiguration,
  checkWorkingDirectory,
  cleanConfiguration,
  writeBackendOverride,
  writeVariables,
  sayRefusedVariables,
  layOutState,
  enterSandbox,
  init,
  makePlan,
  storePlanJson,
  storePlan,
  concludePlan,
];
