import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { needsMfa } from '@gatehouse/shared/mfa-level';
import type { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../domain/actor.ts';
import { type CheckedIdentity, type CheckSubject, type KeysAsSet, lookAtKeys } from '../domain/aws-check.ts';
import { sessionName, sessionTags, sourceIdentity } from '../domain/session-names.ts';
import { checkTokenCode } from '../domain/token-code.ts';
import { type AwsCheck, findCheck } from '../store/aws-checks.ts';
import { findIdentityOf } from '../store/aws-identities.ts';
import type { Database } from '../store/database.ts';
import { findCodeUse } from '../store/exchanges.ts';
import { findMembership } from '../store/memberships.ts';
import type { Workspace } from '../store/workspaces.ts';
import { requireMember, requireOwner, requirePerson } from './authorize.ts';
import { type AwsKeys, readKeysAsSet } from './aws-variables.ts';
import { codeContext } from './begin-exchange.ts';
import { spentCodeMemoryMs } from './end-exchange.ts';
import { requireWorkspace } from './find-workspace.ts';
import { refuseWhilePaused } from './operate-queue.ts';
import { openIdentity } from './own-identity.ts';
import { codeAlreadyUsed } from './spent-code.ts';
import { awaitCheck, type CheckDependencies, recordUnasked, startCheck } from './start-check.ts';

type Asked = {
  by: Actor;
  organization: string;
  identity: CheckedIdentity;
  /** As this workspace sees the keys, and with its role. Undefined: those of the organization alone. */
  workspaceId: string | undefined;
  /** Spent for the check, which then sees more. */
  tokenCode: Secret | undefined;
};

type Keys = KeysAsSet & { keys: AwsKeys | undefined };

/**
 * Looks whether keys, clock, MFA device and role are set up as runs with MFA need them: what can be told without AWS at
 * once, the rest by a worker, for whose answer this waits. Owners have the organization's keys checked, anybody her own.
 */
export async function checkAwsSetup(dependencies: CheckDependencies, asked: Asked): Promise<AwsCheck> {
  const { database } = dependencies;
  const { by, organization, identity, tokenCode } = asked;
  await requireRight(database, asked);
  const workspace = await workspaceOf(database, asked);
  if (tokenCode !== undefined) {
    checkTokenCode(tokenCode);
    refuseWhilePaused(database);
  }
  const set = await (identity === 'own' ? ownKeys(dependencies, asked) : keysOf(dependencies, asked, workspace));
  const seen = lookAtKeys(set);
  const id = newId('awsCheck');
  const canAsk = seen.canAsk && set.keys !== undefined;
  const code = canAsk ? codeOf(dependencies, asked, seen.mfaSerial) : null;
  const subject: CheckSubject = {
    identity,
    workspaceId: workspace?.id ?? null,
    accessKeyId: set.accessKeyId ?? null,
    mfaSerial: seen.mfaSerial,
    role: roleOf(workspace, by, id),
    code,
    results: seen.results,
  };
  const check = { id, organization, requestedBy: by.userId, subject, audit: by };
  if (!canAsk || set.keys === undefined) return recordUnasked(dependencies, check);
  const secrets = { keys: set.keys, ...(code === null ? {} : { tokenCode }) };
  return awaitCheck(dependencies, await startCheck(dependencies, check, secrets));
}

/** The check, for those who may ask for one like it; else `not_found`. */
export function requireVisibleCheck(database: Database, actor: Actor, id: string): AwsCheck {
  requirePerson(actor);
  const check = findCheck(database, id);
  const membership = check && findMembership(database, check.organization, actor.userId);
  const isTheirs =
    check?.subject.identity === 'own' ? check.requestedBy === actor.userId : membership?.role === 'owner';
  if (check === undefined || membership === undefined || !isTheirs) {
    throw new GatehouseError('not_found', `There is no check ${id} that you may see. They are kept for a day.`);
  }
  return check;
}

async function requireRight(database: Database, { by, organization, identity }: Asked): Promise<void> {
  requirePerson(by);
  if (identity === 'own') await requireMember(database, by, organization);
  else await requireOwner(database, by, organization, "have the organization's AWS keys checked");
}

async function workspaceOf(database: Database, { by, organization, workspaceId }: Asked) {
  if (workspaceId === undefined) return undefined;
  const { workspace } = await requireWorkspace(database, by, { id: workspaceId });
  if (workspace.organization === organization) return workspace;
  throw new GatehouseError('not_found', `There is no workspace ${workspaceId} in ${organization}.`);
}

/** Without a workspace: what one has that sets nothing of its own. */
function keysOf(vault: CheckDependencies, { organization }: Asked, workspace: Workspace | undefined): Promise<Keys> {
  return readKeysAsSet(vault, { organization, workspaceId: workspace?.id ?? '' });
}

async function ownKeys({ database, sealer }: CheckDependencies, { by, organization }: Asked): Promise<Keys> {
  const own = findIdentityOf(database, { organization, userId: by.userId });
  if (own === undefined) {
    throw new GatehouseError(
      'not_found',
      `You have entered no AWS keys of your own for ${organization}. Enter them on the page of your account first.`,
    );
  }
  const { accessKeyId, mfaSerial } = own;
  const keys = await openIdentity({ sealer }, own);
  return { missing: [], accessKeyId, mfaSerial, hasSessionToken: false, keys };
}

/** A code is spent on a device only; throws `mfa_code_already_used` for one that cannot be spent again. */
function codeOf(
  { database, sealer, clock }: CheckDependencies,
  { tokenCode, by, organization }: Asked,
  mfaSerial: string | null,
): CheckSubject['code'] {
  if (tokenCode === undefined || mfaSerial === null) return null;
  const fingerprint = sealer.fingerprint(tokenCode, codeContext(mfaSerial));
  const at = clock.now();
  const use = findCodeUse(database, { mfaSerial, fingerprint }, new Date(at.getTime() - spentCodeMemoryMs));
  if (use !== undefined) throw codeAlreadyUsed(use, { organization, at });
  return { fingerprint, by: by.username };
}

function roleOf(workspace: Workspace | undefined, by: Actor, checkId: string): CheckSubject['role'] {
  if (workspace === undefined || workspace.roleArn === null) return null;
  const { organization, name } = workspace;
  return {
    arn: workspace.roleArn,
    demandsCode: needsMfa(workspace.mfaLevel, 'plan'),
    sessionName: sessionName(by.username, checkId),
    sourceIdentity: sourceIdentity(by.username),
    tags: sessionTags({ user: by.username, run: checkId, workspace: `${organization}/${name}` }),
  };
}
