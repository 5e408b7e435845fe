import type { Phase } from '@gatehouse/shared/run-status';
import type { SessionRequest } from '@gatehouse/shared/worker-api';
import type { Run } from '../store/runs.ts';

/** What session a phase of a run wants from STS. `username`: who released it, which CloudTrail will show. */
export function sessionRequestOf(run: Run, phase: Phase, username: string): SessionRequest {
  // AWS takes a session policy with AssumeRole only; GetSessionToken has none.
  const policy = run.roleArn !== null && phase === 'plan' ? run.planSessionPolicy : null;
  return {
    runId: run.id,
    phase,
    ...(run.roleArn === null ? {} : { roleArn: run.roleArn }),
    durationSeconds: run.sessionDurationSeconds,
    ...(policy === null ? {} : { sessionPolicy: policy }),
    sessionName: sessionName(username, run.id),
  };
}

/** AWS: 2 to 64 characters of `[\w+=,.@-]` (STS API, RoleSessionName). The run's id is kept whole, to search for. */
function sessionName(username: string, runId: string): string {
  const room = 64 - runId.length - 1;
  return `${username.replace(/[^\w+=,.@-]/g, '_').slice(0, room)}-${runId}`;
}
