import { newId } from '@gatehouse/shared/ids';
import { asc, eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import type { Database, Transaction } from './database.ts';
import { comments } from './schema/comments.ts';
import { runs } from './schema/runs.ts';

export type Comment = typeof comments.$inferSelect;

/** `historySequence`: the line of history of the decision that it was given with; null: it was said by itself. */
export function insertComment(
  transaction: Transaction,
  said: { runId: string; body: string; by: Actor; at: Date; historySequence: number | null },
): Comment {
  const { runId, body, by, at, historySequence } = said;
  const id = newId('comment', at.getTime());
  const who = { createdBy: by.userId, createdByName: by.username };
  return transaction
    .insert(comments)
    .values({ id, runId, body, historySequence, ...who, createdAt: at })
    .returning()
    .get();
}

/** Oldest first. */
export function commentsOfRun(database: Database, runId: string): Comment[] {
  return database.select().from(comments).where(eq(comments.runId, runId)).orderBy(asc(comments.sequence)).all();
}

export function findComment(database: Database, id: string): (Comment & { organization: string }) | undefined {
  const row = database
    .select({ comment: comments, organization: runs.organization })
    .from(comments)
    .innerJoin(runs, eq(runs.id, comments.runId))
    .where(eq(comments.id, id))
    .get();
  return row === undefined ? undefined : { ...row.comment, organization: row.organization };
}
