import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, count, desc, eq, gt, lt } from 'drizzle-orm';
import type { StateIdentity } from '../domain/next-state.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announcedStates } from './schema/announced-states.ts';
import { workspaces } from './schema/workspaces.ts';
import { judgeState } from './state-rules.ts';
import { currentStateVersion } from './state-versions.ts';

export type AnnouncedState = typeof announcedStates.$inferSelect;
export type NewAnnouncement = Omit<
  AnnouncedState,
  'id' | 'status' | 'errorMessage' | 'sameAs' | 'hasJson' | 'createdAt'
>;

/**
 * A client sends the bytes right after it has announced them. An announcement that is older than this is left over, of a
 * client that died, and keeps nobody from unlocking.
 */
const underWayMs = 30_000;

/**
 * What is known of the state before its bytes are there is judged at once, so that a client learns of a stale serial
 * before it uploads. Throws what
 * `insertStateVersion` throws of a person.
 */
export async function announceState(database: Database, input: NewAnnouncement, now: Date): Promise<AnnouncedState> {
  return inTransaction(database, (transaction) => {
    const current = currentStateVersion(transaction, input.workspaceId);
    const identity: StateIdentity = { ...input, lineage: input.lineage ?? current?.lineage ?? '' };
    judgeState(transaction, current, { ...input, ...identity }, { kind: 'person', force: input.force });
    return transaction
      .insert(announcedStates)
      .values({ ...input, id: newId('stateVersion', now.getTime()), createdAt: now })
      .returning()
      .get();
  });
}

export function findAnnouncedState(
  database: Database,
  id: string,
): (AnnouncedState & { organization: string }) | undefined {
  const row = database
    .select({ state: announcedStates, organization: workspaces.organization })
    .from(announcedStates)
    .innerJoin(workspaces, eq(workspaces.id, announcedStates.workspaceId))
    .where(eq(announcedStates.id, id))
    .get();
  return row === undefined ? undefined : { ...row.state, organization: row.organization };
}

/** Newest first. */
export async function listAnnouncedStates(
  database: Database,
  workspaceId: string,
  status: 'pending' | 'discarded',
  page: { limit: number; offset: number },
): Promise<{ states: AnnouncedState[]; totalCount: number }> {
  const where = and(eq(announcedStates.workspaceId, workspaceId), eq(announcedStates.status, status));
  const [total] = database.select({ count: count() }).from(announcedStates).where(where).all();
  const states = database
    .select()
    .from(announcedStates)
    .where(where)
    .orderBy(desc(announcedStates.createdAt), desc(announcedStates.id))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { states, totalCount: total?.count ?? 0 };
}

/** Part of the transaction that stores its state. Throws `conflict` when it was discarded meanwhile. */
export function requirePending(transaction: Transaction, id: string): AnnouncedState {
  const state = transaction.select().from(announcedStates).where(eq(announcedStates.id, id)).get();
  if (state?.status === 'pending') return state;
  throw new GatehouseError('conflict', state?.errorMessage ?? `State version ${id} awaits no state.`);
}

/** The row of the state version is there now. */
export function forgetAnnouncement(transaction: Transaction, id: string): void {
  transaction.delete(announcedStates).where(eq(announcedStates.id, id)).run();
}

/** What was announced was the current state already. */
export function finalizeAsSame(transaction: Transaction, id: string, sameAs: string): void {
  transaction.update(announcedStates).set({ status: 'finalized', sameAs }).where(eq(announcedStates.id, id)).run();
}

/** False when it awaits no state any more. */
export async function discardAnnouncedState(database: Database, id: string, errorMessage: string): Promise<boolean> {
  const { changes } = database
    .update(announcedStates)
    .set({ status: 'discarded', errorMessage })
    .where(and(eq(announcedStates.id, id), eq(announcedStates.status, 'pending')))
    .run();
  return changes === 1;
}

/** Its JSON came first. False when it has one, or awaits no state any more. */
export async function noteAnnouncedJson(database: Database, id: string): Promise<boolean> {
  const { changes } = database
    .update(announcedStates)
    .set({ hasJson: true })
    .where(and(eq(announcedStates.id, id), eq(announcedStates.status, 'pending'), eq(announcedStates.hasJson, false)))
    .run();
  return changes === 1;
}

/**
 * Part of the transaction that takes a lock away: what was announced under it can be stored no more. Without `force` it
 * throws `state_pending` while a state is under way; the terraform CLI then asks again.
 */
export function endAnnouncements(
  transaction: Transaction,
  workspace: { id: string; name: string },
  { force, now }: { force: boolean; now: Date },
): void {
  const pending = and(eq(announcedStates.workspaceId, workspace.id), eq(announcedStates.status, 'pending'));
  const underWay = gt(announcedStates.createdAt, new Date(now.getTime() - underWayMs));
  const latest = transaction.select().from(announcedStates).where(and(pending, underWay)).limit(1).get();
  if (latest !== undefined && !force) {
    // go-tfe knows the case by the words "latest state version is still pending" (workspace.go).
    throw new GatehouseError(
      'state_pending',
      `The workspace ${workspace.name} stays locked: its latest state version is still pending.`,
    );
  }
  const errorMessage = 'The workspace was unlocked before the state came.';
  transaction.update(announcedStates).set({ status: 'discarded', errorMessage }).where(pending).run();
}

/** Removes what was announced before `before`; returns the ids, under which bytes may lie. */
export async function deleteAnnouncedStates(database: Database, before: Date): Promise<string[]> {
  return database
    .delete(announcedStates)
    .where(lt(announcedStates.createdAt, before))
    .returning({ id: announcedStates.id })
    .all()
    .map(({ id }) => id);
}
