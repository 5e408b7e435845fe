import { realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { layOutLinks, mirrorHas } from '../mirrored-links.ts';
import { failed } from '../outcome.ts';
import { need, type Step } from '../phase.ts';
import { unpackPlan } from '../plan-artifact.ts';
import { savedPlanName } from '../saved-plan.ts';

/** The sealed plan of this very run: the seal proves that nobody changed it in between. */
export const fetchPlan: Step = {
  doing: 'fetching the saved plan',
  async run({ api, claim, sealer, stop, made, settings, log, folders }) {
    const sealed = await api.fetchPlanArtifact(stop.signal);
    const plan = unpackPlan(await sealer.unseal(sealed, sealedContexts.planArtifact(claim.runId)));
    const search = await settings.findTerraform(plan.terraformVersion);
    if ('missing' in search) return failed('terraform_unavailable', search.missing);
    made.terraform = search.found;
    made.directory = { host: path.join(await realpath(folders.workspace), plan.directory), below: plan.directory };
    const hasAll = plan.mirrored !== null && (await mirrorHas(settings.sandbox.providerMirror, plan.mirrored));
    made.savedPlan = { ...plan, needsInit: !hasAll };
    log.say(`worker ${settings.workerName}, terraform ${search.found.version}, sandbox ${settings.sandbox.mode}`);
    return undefined;
  },
};

/** The plan lies outside the tree, read-only for the run: what is applied is what was sealed, to the last byte. */
export const layOutPlan: Step = {
  doing: 'laying out the saved plan',
  async run(phase) {
    const { planFile, mirrored, needsInit } = need(phase, 'savedPlan');
    await writeFile(path.join(phase.folders.plan, savedPlanName), planFile, { flag: 'wx', mode: 0o400 });
    if (!needsInit && mirrored !== null) {
      await layOutLinks(need(phase, 'directory').host, need(phase, 'sandbox').paths.plugins, mirrored);
    }
    return undefined;
  },
};
