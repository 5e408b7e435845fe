import { principalOf, refusalOf } from '../authorize.ts';
import type { CallContext } from '../routes/answer-call.ts';
import { notAuthorized } from '../sts-error.ts';

/** Notes the resource in the journal and throws AWS's AccessDenied when the caller's policies do not allow the action. */
export function requirePermission({ caller, now, note }: CallContext, action: string, resource: string): void {
  const principal = principalOf(caller, now);
  note({ resource, ...(principal.mfaPresent === undefined ? {} : { mfaPresent: principal.mfaPresent }) });
  if (caller.kind === 'session' && caller.session.kind === 'role') {
    const { role, roleSessionName, sourceIdentity, tags } = caller.session;
    note({ roleArn: role.arn, roleSessionName, sourceIdentity: sourceIdentity ?? null, tags });
  }
  const refusal = refusalOf(caller, { action, resource }, principal);
  if (refusal !== undefined) throw notAuthorized(caller.arn, action, resource, refusal.reason, refusal.phrase);
}
