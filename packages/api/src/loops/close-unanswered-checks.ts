import type { RunCore } from '../services/run-core.ts';
import { closeCheck } from '../services/start-check.ts';
import { unansweredChecks } from '../store/aws-checks.ts';

/** A worker answers within seconds; after this it never will, and the keys are not left lying any longer. */
const unansweredAfterMs = 60_000;

export function closeUnansweredChecks(core: Omit<RunCore, 'sealer'>): void {
  const now = core.clock.now().getTime();
  for (const check of unansweredChecks(core.database, new Date(now - unansweredAfterMs))) {
    const reason =
      check.state === 'waiting'
        ? 'No worker took the check within a minute. Look whether a worker runs, and check again.'
        : 'The worker that took the check did not answer within a minute. Check again.';
    closeCheck(core, check, reason);
  }
}
