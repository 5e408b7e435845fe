import { newId } from '@gatehouse/shared/ids';
import { startedEvent } from '@gatehouse/shared/run-status';
import { and, asc, eq, lte, min, sql } from 'drizzle-orm';
import { type NotificationTrigger, triggersOf } from '../domain/notification-events.ts';
import type { Database, Transaction } from './database.ts';
import { given, prepared } from './prepared.ts';
import { notificationConfigurations, notificationDeliveries } from './schema/notifications.ts';
import type { runs } from './schema/runs.ts';

export type NotificationDelivery = typeof notificationDeliveries.$inferSelect;

/** Who wrote a status that no person did, in histories. */
const ourselves = 'gatehouse';
const byWorkers: readonly string[] = Object.values(startedEvent);

const enabledOf = prepared((database) =>
  database
    .select()
    .from(notificationConfigurations)
    .where(
      and(
        eq(notificationConfigurations.workspaceId, given('workspaceId', notificationConfigurations.workspaceId)),
        eq(notificationConfigurations.enabled, true),
      ),
    )
    .prepare(),
);

/**
 * Part of the transaction that changed the run: whoever asked for such news now has it coming. `triggers`: of what is no
 * change of status.
 */
export function enqueueNotifications(
  transaction: Transaction,
  run: typeof runs.$inferSelect,
  change: { event: string; by: string; at: Date },
  triggers: readonly NotificationTrigger[] = triggersOf(run),
): void {
  if (triggers.length === 0) return;
  const { by, at } = change;
  const configurations = enabledOf(transaction).all({ workspaceId: run.workspaceId });
  for (const configuration of configurations) {
    const trigger = triggers.find((wanted) => configuration.triggers.includes(wanted));
    if (trigger === undefined) continue;
    transaction
      .insert(notificationDeliveries)
      .values({
        id: newId('notificationDelivery', at.getTime()),
        configurationId: configuration.id,
        runId: run.id,
        trigger,
        status: run.status,
        at,
        by: by === ourselves || byWorkers.includes(change.event) ? null : by,
        dueAt: at,
      })
      .run();
  }
}

const configurationsWithDue = prepared((database) =>
  database
    .select({ id: notificationDeliveries.configurationId, first: min(notificationDeliveries.dueAt) })
    .from(notificationDeliveries)
    .where(lte(notificationDeliveries.dueAt, given('now', notificationDeliveries.dueAt)))
    .groupBy(notificationDeliveries.configurationId)
    .orderBy(sql`2`)
    .limit(sql.placeholder('limit'))
    .prepare(),
);

/** Configurations that have something due, those that waited longest first. */
export function configurationsWithDueDeliveries(database: Database, now: Date, limit: number): string[] {
  return configurationsWithDue(database)
    .all({ now, limit })
    .map(({ id }) => id);
}

/**
 * The next that is due for a configuration, taken for one try: until `leasedUntil` no other process takes it. One that
 * dies over it leaves it to be tried again.
 */
export function takeDelivery(
  database: Database,
  configurationId: string,
  now: Date,
  leasedUntil: Date,
): NotificationDelivery | undefined {
  const next = database
    .select({ sequence: notificationDeliveries.sequence })
    .from(notificationDeliveries)
    .where(and(eq(notificationDeliveries.configurationId, configurationId), lte(notificationDeliveries.dueAt, now)))
    .orderBy(asc(notificationDeliveries.dueAt), asc(notificationDeliveries.sequence))
    .limit(1)
    .get();
  if (next === undefined) return undefined;
  return database
    .update(notificationDeliveries)
    .set({ dueAt: leasedUntil, attempts: sql`${notificationDeliveries.attempts} + 1` })
    .where(and(eq(notificationDeliveries.sequence, next.sequence), lte(notificationDeliveries.dueAt, now)))
    .returning()
    .get();
}

/** Delivered, or given up. */
export function endDelivery(database: Database, delivery: NotificationDelivery): void {
  database.delete(notificationDeliveries).where(eq(notificationDeliveries.sequence, delivery.sequence)).run();
}

export function postponeDelivery(database: Database, delivery: NotificationDelivery, dueAt: Date): void {
  database
    .update(notificationDeliveries)
    .set({ dueAt })
    .where(eq(notificationDeliveries.sequence, delivery.sequence))
    .run();
}
