import { realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { engines, versionName } from '@gatehouse/shared/engine-version';
import { sealedContexts } from '@gatehouse/shared/worker-api';
import { layOutLinks, mirrorHas } from '../mirrored-links.ts';
import { failed } from '../outcome.ts';
import { need, type Step } from '../phase.ts';
import { unpackPlan } from '../plan-artifact.ts';
import { savedPlanName } from '../saved-plan.ts';
import { prepareApply } from './apply-plan.ts';
import { enterSandbox } from './enter-sandbox.ts';
import { lookFor } from './find-version.ts';

/** The sealed plan of this very run: the seal proves that nobody changed it in between. */
export const fetchPlan: Step = {
  doing: 'fetching the saved plan',
  async run({ api, claim, sealer, stop, made, settings, folders }) {
    const sealed = await api.fetchPlanArtifact(stop.signal);
    const plan = unpackPlan(await sealer.unseal(sealed, sealedContexts.planArtifact(claim.runId)));
    made.directory = { host: path.join(await realpath(folders.workspace), plan.directory), below: plan.directory };
    const hasAll = plan.mirrored !== null && (await mirrorHas(settings.sandbox.providerMirror, plan.mirrored));
    made.savedPlan = { ...plan, needsInit: !hasAll };
    return undefined;
  },
};

/**
 * The version that planned applies. It is the one that was found for the workspace, unless that is `latest` and this
 * worker has another one: then the sandbox is made anew.
 */
export const takePlannedVersion: Step = {
  doing: 'looking for the terraform that planned',
  async run(phase) {
    const { made, log } = phase;
    const { terraformVersion } = need(phase, 'savedPlan');
    if (terraformVersion === versionName(need(phase, 'terraform'))) return undefined;
    const search = await lookFor(phase, terraformVersion);
    if ('missing' in search) return failed('terraform_unavailable', search.missing);
    const { engine, version } = search.found;
    log.say(`the plan was made with ${engines[engine].title} ${version}, which applies it.`);
    made.terraform = search.found;
    await need(phase, 'sandbox').close();
    return (await enterSandbox.run(phase)) ?? (await prepareApply.run(phase));
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
