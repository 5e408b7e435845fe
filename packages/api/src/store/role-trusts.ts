import type { RoleTrust, SeenTrust } from '@gatehouse/shared/worker-api';
import { and, desc, eq } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { awsIdentities, roleTrusts } from './schema/aws.ts';

/** `arn`: of the member whose own keys they are; null: they are set as variables, and AWS was not asked whose they are. */
export type RememberedTrust = typeof roleTrusts.$inferSelect & { arn: string | null };

/** A role of an organization as the holder of these keys meets it. */
export type TrustPlace = { organization: string; roleArn: string; accessKeyId: string };

export function findRoleTrust(database: Database | Transaction, place: TrustPlace): RoleTrust | undefined {
  const { organization, roleArn, accessKeyId } = place;
  return database
    .select({ tags: roleTrusts.tags, sourceIdentity: roleTrusts.sourceIdentity })
    .from(roleTrusts)
    .where(
      and(
        eq(roleTrusts.organization, organization),
        eq(roleTrusts.roleArn, roleArn),
        eq(roleTrusts.accessKeyId, accessKeyId),
      ),
    )
    .get();
}

/** What a session of this role has just shown; `role.roleArn` null: it was of no role, and showed nothing. */
export function rememberRoleTrust(
  transaction: Transaction,
  role: { organization: string; roleArn: string | null },
  seen: SeenTrust | undefined,
  seenAt: Date,
): void {
  const { organization, roleArn } = role;
  if (roleArn === null || seen === undefined) return;
  const { accessKeyId, tags, sourceIdentity } = seen;
  transaction
    .insert(roleTrusts)
    .values({ organization, roleArn, accessKeyId, tags, sourceIdentity, seenAt })
    .onConflictDoUpdate({
      target: [roleTrusts.organization, roleTrusts.roleArn, roleTrusts.accessKeyId],
      set: { tags, sourceIdentity, seenAt },
    })
    .run();
}

/** What was remembered of this role holds no more, whoever asks for it. */
export function forgetRoleTrusts(transaction: Transaction, role: { organization: string; roleArn: string | null }) {
  if (role.roleArn === null) return;
  transaction
    .delete(roleTrusts)
    .where(and(eq(roleTrusts.organization, role.organization), eq(roleTrusts.roleArn, role.roleArn)))
    .run();
}

/** What the holders of all keys met, the newest first. */
export function listRoleTrusts(database: Database, organization: string, roleArn: string): RememberedTrust[] {
  return database
    .select({ trust: roleTrusts, arn: awsIdentities.arn })
    .from(roleTrusts)
    .leftJoin(
      awsIdentities,
      and(
        eq(awsIdentities.organization, roleTrusts.organization),
        eq(awsIdentities.accessKeyId, roleTrusts.accessKeyId),
      ),
    )
    .where(and(eq(roleTrusts.organization, organization), eq(roleTrusts.roleArn, roleArn)))
    .orderBy(desc(roleTrusts.seenAt))
    .all()
    .map(({ trust, arn }) => ({ ...trust, arn }));
}
