import { sealedContexts } from '@gatehouse/shared/worker-api';
import { failed } from '../outcome.ts';
import { need, type Step } from '../phase.ts';
import { packPlan } from '../plan-artifact.ts';

/** In memory three times over while it is sealed. A tree is text; its modules and plan file are what is large. */
const longestTree = 256 * 1024 * 1024;

/**
 * The whole tree as the plan saw it, since files are read at apply time too. Packed inside the sandbox: the worker reads
 * none of the run's links and devices. Providers are left out: `init` finds them again by the lock file.
 */
export const storePlan: Step = {
  doing: 'storing the plan for the apply',
  async run(phase) {
    const plan = need(phase, 'plan');
    if (!plan.hasChanges || phase.claim.planOnly) return undefined;
    const sandbox = need(phase, 'sandbox');
    const packed = await sandbox.run({
      argv: [
        'tar',
        '--use-compress-program=gzip -1',
        '--exclude=.terraform/providers',
        '-cf',
        '-',
        '-C',
        sandbox.paths.workspace,
        '.',
      ],
      environment: {},
      onOutput: (bytes) => phase.log.write(bytes),
      captureStdoutLimitBytes: longestTree,
    });
    if (packed.exitCode !== 0) return failed('worker_error', 'The working tree could not be packed for the apply.');
    const bytes = packPlan({
      terraformVersion: need(phase, 'terraform').version,
      planSha256: plan.sha256,
      counts: plan.counts,
      tree: packed.stdout,
    });
    await phase.api.storePlanArtifact(await phase.sealer.seal(bytes, sealedContexts.planArtifact(phase.claim.runId)));
    return undefined;
  },
};
