import { eq } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { soleOrganization } from './organizations.ts';
import { lanePauses, type PausableLane } from './schema/workers.ts';

export type LanePause = { by: string; at: Date };

export function findLanePause(database: Database | Transaction, lane: PausableLane): LanePause | undefined {
  return database
    .select({ by: lanePauses.by, at: lanePauses.at })
    .from(lanePauses)
    .where(eq(lanePauses.lane, lane))
    .get();
}

/** Stops a lane or lets it go on; false when it was so already. */
export async function setLanePaused(
  database: Database,
  actor: Actor,
  change: { lane: PausableLane; isPaused: boolean },
  now: Date,
): Promise<boolean> {
  const { lane, isPaused } = change;
  return inTransaction(database, (transaction) => {
    const wasPaused = findLanePause(transaction, lane) !== undefined;
    if (wasPaused === isPaused) return false;
    if (isPaused) transaction.insert(lanePauses).values({ lane, by: actor.username, at: now }).run();
    else transaction.delete(lanePauses).where(eq(lanePauses.lane, lane)).run();
    recordAudit(transaction, {
      // It concerns everybody; in an installation of one organization its owners read it there.
      organization: soleOrganization(transaction),
      actor,
      action: isPaused ? 'queue.paused' : 'queue.resumed',
      targetType: 'queues',
      targetId: lane,
      at: now,
    });
    return true;
  });
}
