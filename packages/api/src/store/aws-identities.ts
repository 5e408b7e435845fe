import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, asc, eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { given, prepared } from './prepared.ts';
import { awsIdentities } from './schema/aws.ts';
import { users } from './schema/identity.ts';

/** A member's own AWS keys and MFA device in one organization. */
export type AwsIdentity = typeof awsIdentities.$inferSelect;

type Holder = { organization: string; userId: string };
type Named = Pick<Actor, 'userId' | 'username'>;

export function findAwsIdentity(database: Database | Transaction, id: string): AwsIdentity | undefined {
  return database.select().from(awsIdentities).where(eq(awsIdentities.id, id)).get();
}

export function findIdentityOf(database: Database | Transaction, holder: Holder): AwsIdentity | undefined {
  return database.select().from(awsIdentities).where(isOf(holder)).get();
}

const ofUser = prepared((database) =>
  database
    .select()
    .from(awsIdentities)
    .where(eq(awsIdentities.userId, given('userId', awsIdentities.userId)))
    .orderBy(asc(awsIdentities.organization))
    .prepare(),
);

/** Those of one user, by organization. */
export function identitiesOfUser(database: Database, userId: string): AwsIdentity[] {
  return ofUser(database).all({ userId });
}

/** Those of an organization's members, by name. */
export function identitiesOfOrganization(
  database: Database | Transaction,
  organization: string,
): (AwsIdentity & { username: string })[] {
  return database
    .select({ identity: awsIdentities, username: users.username })
    .from(awsIdentities)
    .innerJoin(users, eq(users.id, awsIdentities.userId))
    .where(eq(awsIdentities.organization, organization))
    .orderBy(asc(users.username))
    .all()
    .map(({ identity, username }) => ({ ...identity, username }));
}

/**
 * Part of a transaction. A member has one in an organization: a new one takes the place of what was there, under the same
 * id, so that a code which is on its way finds the new keys of the same device.
 */
export function putAwsIdentity(
  transaction: Transaction,
  actor: Named,
  before: AwsIdentity | undefined,
  identity: AwsIdentity,
): void {
  const { id, organization, userId, accessKeyId, mfaSerial, arn, checkedAt: at } = identity;
  transaction
    .insert(awsIdentities)
    .values(identity)
    .onConflictDoUpdate({ target: [awsIdentities.organization, awsIdentities.userId], set: identity })
    .run();
  const was = before && { accessKeyId: before.accessKeyId, mfaSerial: before.mfaSerial, arn: before.arn };
  recordAudit(transaction, {
    organization,
    actor,
    action: was === undefined ? 'aws_identity.registered' : 'aws_identity.replaced',
    targetType: 'aws-identities',
    targetId: id,
    details: { userId, accessKeyId, mfaSerial, arn, ...(was === undefined ? {} : { before: was }) },
    at,
  });
  announce(transaction, organization, at);
}

/** Throws `not_found` when it is gone already. */
export function removeAwsIdentity(database: Database, actor: Named, { id }: AwsIdentity, at: Date): void {
  inTransaction(database, (transaction) => {
    const identity = findAwsIdentity(transaction, id);
    if (identity === undefined) throw noSuchIdentity(id);
    remove(transaction, actor, identity, at);
  });
}

/** Part of the transaction in which somebody leaves an organization. */
export function dropIdentityOfMember(transaction: Transaction, actor: Named, holder: Holder, at: Date): void {
  const identity = findIdentityOf(transaction, holder);
  if (identity !== undefined) remove(transaction, actor, identity, at);
}

export function noSuchIdentity(id: string): GatehouseError {
  return new GatehouseError('not_found', `You have no AWS identity ${id}.`);
}

function remove(transaction: Transaction, actor: Named, identity: AwsIdentity, at: Date): void {
  const { id, organization, userId, accessKeyId, mfaSerial, arn } = identity;
  transaction.delete(awsIdentities).where(eq(awsIdentities.id, id)).run();
  recordAudit(transaction, {
    organization,
    actor,
    action: 'aws_identity.removed',
    targetType: 'aws-identities',
    targetId: id,
    details: { userId, accessKeyId, mfaSerial, arn },
    at,
  });
  announce(transaction, organization, at);
}

/** Whose device may answer for what has changed. */
function announce(transaction: Transaction, organization: string, at: Date): void {
  announceSettingsChange(transaction, { organization, workspaceId: null, workspace: null }, at);
}

function isOf({ organization, userId }: Holder) {
  return and(eq(awsIdentities.organization, organization), eq(awsIdentities.userId, userId));
}
