import { needsMfa } from '@gatehouse/shared/mfa-level';
import type { Sealer } from '@gatehouse/shared/seal';
import type { Actor } from '../domain/actor.ts';
import { missingActions, principalOf, roleTrustPolicy, type TrustedAction } from '../domain/role-trust-policy.ts';
import type { SessionForecast } from '../domain/session-length.ts';
import type { Database } from '../store/database.ts';
import { listRoleTrusts, type RememberedTrust } from '../store/role-trusts.ts';
import { forecastOf } from '../store/session-forecasts.ts';
import type { Workspace } from '../store/workspaces.ts';
import { readAwsKeys } from './aws-variables.ts';
import { requireWorkspace, type WorkspaceAddress } from './find-workspace.ts';

/** What sessions the phases of a workspace will ask for, and what its role lets be said of them. */
export type AwsSession = {
  workspace: Workspace;
  plan: SessionForecast;
  apply: SessionForecast;
  trust: ShownTrust | undefined;
};

export type ShownTrust = RememberedTrust & {
  missing: TrustedAction[];
  policy: ReturnType<typeof roleTrustPolicy>;
};

/** For members. Whose keys the role trusts is named to owners only. */
export async function readAwsSession(
  { database, sealer }: { database: Database; sealer: Pick<Sealer, 'unsealText'> },
  actor: Actor,
  address: WorkspaceAddress,
): Promise<AwsSession> {
  const { workspace, membership } = await requireWorkspace(database, actor, address);
  const keys = await readAwsKeys(
    { database, sealer },
    { organization: workspace.organization, workspaceId: workspace.id },
  );
  const of = { ...workspace, workspaceId: workspace.id };
  const isChained = keys?.sessionToken !== undefined;
  return {
    workspace,
    plan: forecastOf(database, of, 'plan', { isChained }),
    apply: forecastOf(database, of, 'apply', { isChained }),
    trust: trustOf(database, workspace, { showsNames: membership.role === 'owner' }),
  };
}

/** Of several holders of keys, one from whom the role withholds something; else the one whose session is the newest. */
function trustOf(database: Database, workspace: Workspace, { showsNames }: { showsNames: boolean }) {
  if (workspace.roleArn === null) return undefined;
  const seen = listRoleTrusts(database, workspace.organization, workspace.roleArn);
  const trust = seen.find((one) => missingActions(one).length > 0) ?? seen[0];
  if (trust === undefined) return undefined;
  const { accessKeyId } = trust;
  const principal = principalOf(trust.roleArn, { accessKeyId, arn: showsNames ? trust.arn : null });
  const demandsCode = needsMfa(workspace.mfaLevel, 'plan');
  return { ...trust, missing: missingActions(trust), policy: roleTrustPolicy({ principal, demandsCode }) };
}
