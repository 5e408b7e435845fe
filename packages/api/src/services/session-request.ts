import type { Phase } from '@gatehouse/shared/run-status';
import type { SessionRequest } from '@gatehouse/shared/worker-api';
import { sessionName, sessionTags, sourceIdentity } from '../domain/session-names.ts';
import type { Database, Transaction } from '../store/database.ts';
import { findRoleTrust } from '../store/role-trusts.ts';
import type { Run } from '../store/runs.ts';
import { forecastOf } from '../store/session-forecasts.ts';
import { workspaceName } from '../store/workspace-queue.ts';

/** Who a session is for: the name that CloudTrail will show, and the long-lived keys that ask for it. */
export type SessionHolder = { username: string; keys: { accessKeyId: string; sessionToken?: unknown } };

/**
 * What session a phase of a run wants from STS. AWS takes names, tags and policies with AssumeRole only; GetSessionToken
 * has none of them. With a role the plan may do no more than its policies say, and the apply all that the role may.
 */
export function sessionRequestOf(
  database: Database | Transaction,
  run: Run,
  phase: Phase,
  { username, keys }: SessionHolder,
): SessionRequest {
  const isChained = keys.sessionToken !== undefined;
  const { durationSeconds } = forecastOf(database, run, phase, { isChained });
  const common = { runId: run.id, phase, durationSeconds, sessionName: sessionName(username, run.id) };
  const { organization, roleArn } = run;
  if (roleArn === null) return common;
  const trust = findRoleTrust(database, { organization, roleArn, accessKeyId: keys.accessKeyId });
  const workspace = `${organization}/${workspaceName(database, run.workspaceId)}`;
  return {
    ...common,
    roleArn,
    ...(phase === 'plan' ? planPoliciesOf(run) : {}),
    sourceIdentity: sourceIdentity(username),
    tags: sessionTags({ user: username, run: run.id, workspace }),
    ...(trust === undefined ? {} : { trust }),
  };
}

function planPoliciesOf({
  planSessionPolicy,
  planPolicyArns,
}: Run): Pick<SessionRequest, 'sessionPolicy' | 'policyArns'> {
  return {
    ...(planSessionPolicy === null ? {} : { sessionPolicy: planSessionPolicy }),
    ...(planPolicyArns.length === 0 ? {} : { policyArns: planPolicyArns }),
  };
}
