import type { PhaseClaim } from '@gatehouse/shared/worker-api';
import type { Step } from '../phase.ts';

/** The head of the phase's log: what runs here, for whom, in what. */
export const sayWhatRuns: Step = {
  doing: 'beginning the log',
  async run({ claim, log, settings }) {
    const kind = claim.phase === 'apply' ? 'apply' : planKind(claim);
    log.say(
      `${kind} of ${claim.organization}/${claim.workspace.name}, run ${claim.runId}, queued by ${plain(claim.createdBy)}`,
    );
    if (settings.sandbox.mode === 'none') {
      log.say('WARNING: this worker runs terraform WITHOUT A SANDBOX (GATEHOUSE_SANDBOX=none).');
      log.say('WARNING: this run can read and change whatever the worker can.');
    }
    return undefined;
  },
};

function planKind(claim: PhaseClaim): string {
  const kinds = [
    claim.isDestroy ? 'destroy plan' : claim.refreshOnly ? 'refresh-only plan' : 'plan',
    ...(claim.planOnly ? ['(plan only)'] : []),
  ];
  return kinds.join(' ');
}

/** A display name is somebody's own text. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '').slice(0, 200);
}
