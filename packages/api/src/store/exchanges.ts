import { and, eq, gt, isNull, lt, or } from 'drizzle-orm';
import type { Challenge } from './challenges.ts';
import type { Database, Transaction } from './database.ts';
import { challenges, spentCodes } from './schema/challenges.ts';
import { runs } from './schema/runs.ts';

/** One code on its way to AWS, for one challenge or for a batch of one device. `exchangeId` is its gate job's id. */
export type ExchangeStart = {
  challengeId: string;
  exchangeId: string;
  mfaSerial: string;
  /** Null: the organization's. */
  awsIdentityId: string | null;
  fingerprint: string;
  by: { userId: string; username: string };
  at: Date;
};

/** Guarded by the state and the deadline: undefined when someone was first, or it is too late. */
export function beginExchange(transaction: Transaction, start: ExchangeStart): Challenge | undefined {
  return transaction
    .update(challenges)
    .set({
      state: 'exchanging',
      exchangeId: start.exchangeId,
      exchangeStartedAt: start.at,
      exchangeClaimedAt: null,
      mfaSerial: start.mfaSerial,
      awsIdentityId: start.awsIdentityId,
      codeFingerprint: start.fingerprint,
      submittedBy: start.by.userId,
      submittedByName: start.by.username,
    })
    .where(
      and(eq(challenges.id, start.challengeId), eq(challenges.state, 'awaiting'), gt(challenges.deadlineAt, start.at)),
    )
    .returning()
    .get();
}

/** The one claim that a worker can win; empty when there is nothing to exchange (any more). */
export function claimExchange(transaction: Transaction, exchangeId: string, at: Date): Challenge[] {
  return transaction
    .update(challenges)
    .set({ exchangeClaimedAt: at })
    .where(
      and(
        eq(challenges.exchangeId, exchangeId),
        eq(challenges.state, 'exchanging'),
        isNull(challenges.exchangeClaimedAt),
      ),
    )
    .returning()
    .all();
}

export function challengesInExchange(database: Database | Transaction, exchangeId: string): Challenge[] {
  return database
    .select()
    .from(challenges)
    .where(and(eq(challenges.exchangeId, exchangeId), eq(challenges.state, 'exchanging')))
    .all();
}

/** Exchanges that nobody claimed since `unclaimedBefore`, or whose claim came to nothing since `claimedBefore`. */
export function staleExchanges(database: Database, unclaimedBefore: Date, claimedBefore: Date): Challenge[] {
  return database
    .select()
    .from(challenges)
    .where(
      and(
        eq(challenges.state, 'exchanging'),
        or(
          and(isNull(challenges.exchangeClaimedAt), lt(challenges.exchangeStartedAt, unclaimedBefore)),
          lt(challenges.exchangeClaimedAt, claimedBefore),
        ),
      ),
    )
    .all();
}

/** Who used a code, for what, and when. */
export type CodeUse = { username: string; runId: string; organization: string | null; at: Date; isSpent: boolean };

/** Who used this code of this device already, or is using it right now, in whatever organization. */
export function findCodeUse(
  database: Database | Transaction,
  code: { mfaSerial: string; fingerprint: string },
  since: Date,
): CodeUse | undefined {
  const spent = database
    .select({ spent: spentCodes, organization: runs.organization })
    .from(spentCodes)
    .leftJoin(runs, eq(runs.id, spentCodes.runId))
    .where(
      and(
        eq(spentCodes.mfaSerial, code.mfaSerial),
        eq(spentCodes.fingerprint, code.fingerprint),
        gt(spentCodes.spentAt, since),
      ),
    )
    .get();
  if (spent !== undefined) {
    const { spentByName: username, runId, spentAt: at } = spent.spent;
    return { username, runId, organization: spent.organization, at, isSpent: true };
  }
  const inExchange = database
    .select()
    .from(challenges)
    .where(
      and(
        eq(challenges.state, 'exchanging'),
        eq(challenges.mfaSerial, code.mfaSerial),
        eq(challenges.codeFingerprint, code.fingerprint),
      ),
    )
    .limit(1)
    .get();
  if (inExchange === undefined) return undefined;
  const { submittedByName, runId, organization, exchangeStartedAt } = inExchange;
  return { username: submittedByName ?? '', runId, organization, at: exchangeStartedAt ?? since, isSpent: false };
}

/** Remembers a code that AWS accepted. The first use stays: a batch spends one code for several runs. */
export function recordSpentCode(
  transaction: Transaction,
  spent: { mfaSerial: string; fingerprint: string; by: string; runId: string; at: Date; forgetBefore: Date },
): void {
  transaction.delete(spentCodes).where(lt(spentCodes.spentAt, spent.forgetBefore)).run();
  transaction
    .insert(spentCodes)
    .values({
      mfaSerial: spent.mfaSerial,
      fingerprint: spent.fingerprint,
      spentAt: spent.at,
      spentByName: spent.by,
      runId: spent.runId,
    })
    .onConflictDoNothing()
    .run();
}
