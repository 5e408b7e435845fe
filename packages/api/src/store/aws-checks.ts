import { and, eq, inArray, lt } from 'drizzle-orm';
import { type CheckFindings, type CheckSubject, checkFindings, checkSubject } from '../domain/aws-check.ts';
import type { Database, Transaction } from './database.ts';
import { awsChecks } from './schema/aws.ts';

type Row = typeof awsChecks.$inferSelect;
export type AwsCheck = Omit<Row, 'subject' | 'findings'> & { subject: CheckSubject; findings: CheckFindings | null };

const openStates = ['waiting', 'claimed'] as const satisfies readonly Row['state'][];

export function insertCheck(
  transaction: Transaction,
  values: Pick<AwsCheck, 'id' | 'organization' | 'subject' | 'requestedBy' | 'sealedIdentity' | 'createdAt'>,
): AwsCheck {
  return parse(
    transaction
      .insert(awsChecks)
      .values({ ...values, state: 'waiting' })
      .returning()
      .get(),
  );
}

export function findCheck(database: Database | Transaction, id: string): AwsCheck | undefined {
  const row = database.select().from(awsChecks).where(eq(awsChecks.id, id)).get();
  return row && parse(row);
}

export function isOver({ state }: Pick<AwsCheck, 'state'>): boolean {
  return state === 'finished';
}

/** The one claim that a worker can win: hands the keys out and forgets them. Undefined: nobody waits for it any more. */
export function claimCheck(
  transaction: Transaction,
  id: string,
): { check: AwsCheck; sealedIdentity: string } | undefined {
  const waiting = findCheck(transaction, id);
  if (waiting?.state !== 'waiting' || waiting.sealedIdentity === null) return undefined;
  const row = transaction
    .update(awsChecks)
    .set({ state: 'claimed', sealedIdentity: null })
    .where(and(eq(awsChecks.id, id), eq(awsChecks.state, 'waiting')))
    .returning()
    .get();
  return row && { check: parse(row), sealedIdentity: waiting.sealedIdentity };
}

/** Guarded by the state: undefined when it is over, which is how a late report is dropped. */
export function finishCheck(
  transaction: Transaction,
  end: { id: string; from: readonly Row['state'][]; findings: CheckFindings; at: Date },
): AwsCheck | undefined {
  const row = transaction
    .update(awsChecks)
    .set({ state: 'finished', sealedIdentity: null, findings: end.findings, finishedAt: end.at })
    .where(and(eq(awsChecks.id, end.id), inArray(awsChecks.state, [...end.from])))
    .returning()
    .get();
  return row && parse(row);
}

export function unansweredChecks(database: Database, createdBefore: Date): AwsCheck[] {
  return database
    .select()
    .from(awsChecks)
    .where(and(inArray(awsChecks.state, openStates), lt(awsChecks.createdAt, createdBefore)))
    .all()
    .map(parse);
}

export function forgetChecks(database: Database, createdBefore: Date): void {
  database.delete(awsChecks).where(lt(awsChecks.createdAt, createdBefore)).run();
}

function parse(row: Row): AwsCheck {
  return {
    ...row,
    subject: checkSubject.parse(row.subject),
    findings: row.findings === null ? null : checkFindings.parse(row.findings),
  };
}
