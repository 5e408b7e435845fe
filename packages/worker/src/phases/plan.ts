import { inOrder, type Step, together } from './phase.ts';
import { checkWorkingDirectory } from './steps/check-working-directory.ts';
import { cleanConfiguration } from './steps/clean-configuration.ts';
import { concludePlan } from './steps/conclude-plan.ts';
import { fetchConfiguration } from './steps/fetch-configuration.ts';
import { findVersion } from './steps/find-version.ts';
import { handOver } from './steps/hand-over.ts';
import { init, prepareInit } from './steps/init.ts';
import { layOutState } from './steps/lay-out-state.ts';
import { makePlan } from './steps/make-plan.ts';
import { openVariables } from './steps/open-variables.ts';
import { packTree } from './steps/pack-tree.ts';
import { prepareSandbox } from './steps/prepare-sandbox.ts';
import { readSchemas, storeSchemas } from './steps/read-schemas.ts';
import { refuseEncryption } from './steps/refuse-encryption.ts';
import { sayRefusedVariables } from './steps/say-refused-variables.ts';
import { sayWhatRuns } from './steps/say-what-runs.ts';
import { showPlan, storePlanJson } from './steps/show-plan.ts';
import { storePlan } from './steps/store-plan.ts';
import { writeBackendOverride } from './steps/write-backend-override.ts';
import { writeVariables } from './steps/write-variables.ts';

/** Everything up to `handOver` writes into the tree from outside; after it only the run itself does. */
export const planSteps: readonly Step[] = [
  sayWhatRuns,
  openVariables,
  findVersion,
  prepareSandbox(
    prepareInit,
    inOrder(
      'laying out the tree',
      fetchConfiguration,
      checkWorkingDirectory,
      cleanConfiguration,
      refuseEncryption,
      writeBackendOverride,
      writeVariables,
    ),
    layOutState,
  ),
  handOver,
  sayRefusedVariables,
  init,
  makePlan,
  together('reading the plan', showPlan, packTree, readSchemas),
  together('storing what was planned', storePlanJson, storePlan, storeSchemas),
  concludePlan,
];
