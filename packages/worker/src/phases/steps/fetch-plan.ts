import { sealedContexts } from '@gatehouse/shared/worker-api';
import { failed } from '../outcome.ts';
import { need, type Step } from '../phase.ts';
import { unpackPlan } from '../plan-artifact.ts';
import { hashPlan } from './make-plan.ts';

/** The sealed plan of this very run: the seal proves that nobody changed it in between. */
export const fetchPlan: Step = {
  doing: 'fetching the saved plan',
  async run({ api, claim, sealer, stop, made, settings, log }) {
    const sealed = await api.fetchPlanArtifact(stop.signal);
    const plan = unpackPlan(await sealer.unseal(sealed, sealedContexts.planArtifact(claim.runId)));
    const search = await settings.findTerraform(plan.terraformVersion);
    if ('missing' in search) return failed('terraform_unavailable', search.missing);
    made.terraform = search.found;
    made.savedTree = plan.tree;
    made.plan = { sha256: plan.planSha256, hasChanges: true, counts: plan.counts };
    log.say(`worker ${settings.workerName}, terraform ${search.found.version}, sandbox ${settings.sandbox.mode}`);
    return undefined;
  },
};

/** Unpacked inside the sandbox, since what is in the tree was written by the run. */
export const unpackTree: Step = {
  doing: 'unpacking the saved plan',
  async run(phase) {
    const sandbox = need(phase, 'sandbox');
    const { exitCode } = await sandbox.run({
      argv: ['tar', '-xzf', '-', '-C', sandbox.paths.workspace],
      environment: {},
      stdin: need(phase, 'savedTree'),
      onOutput: (bytes) => phase.log.write(bytes),
    });
    delete phase.made.savedTree;
    if (exitCode !== 0) return failed('worker_error', 'The saved plan could not be unpacked.');
    if ((await hashPlan(phase)) !== need(phase, 'plan').sha256) {
      return failed('worker_error', 'The saved plan is not the one that was shown. Nothing was applied. Plan again.');
    }
    return undefined;
  },
};
