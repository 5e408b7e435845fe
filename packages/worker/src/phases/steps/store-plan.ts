import { versionName } from '@gatehouse/shared/engine-version';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { need, type Step } from '../phase.ts';
import { packPlan } from '../plan-artifact.ts';

/** Seals what the apply will need. Nothing of the run has worked on the plan since it was made. */
export const storePlan: Step = {
  doing: 'storing the plan for the apply',
  async run(phase) {
    const { tree } = phase.made;
    if (tree === undefined) return undefined;
    const { file, mirrored, counts, changes } = need(phase, 'plan');
    const terraformVersion = versionName(need(phase, 'terraform'));
    const directory = need(phase, 'directory').below;
    const bytes = packPlan({ terraformVersion, directory, mirrored, counts, changes, planFile: file, tree });
    await phase.api.storePlanArtifact(await phase.sealer.seal(bytes, sealedContexts.planArtifact(phase.claim.runId)));
    return undefined;
  },
};
