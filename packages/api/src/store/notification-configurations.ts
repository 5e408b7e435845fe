import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { and, asc, count, desc, eq, inArray, notInArray } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { maxConfigurations } from '../domain/notification-rules.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { notificationConfigurations, notificationResponses } from './schema/notifications.ts';
import { workspaceName } from './workspace-queue.ts';

export type NotificationConfiguration = typeof notificationConfigurations.$inferSelect;
export type NotificationResponse = typeof notificationResponses.$inferSelect;
export type NewResponse = Omit<NotificationResponse, 'sequence'>;

/** Answers that are kept of each receiver. */
const keptResponses = 5;

/** `response`: what it answered to its verification. Throws `invalid_request` beyond what a workspace may have. */
export async function insertNotificationConfiguration(
  database: Database,
  actor: Actor,
  row: NotificationConfiguration,
  response: NewResponse | undefined,
): Promise<void> {
  inTransaction(database, (transaction) => {
    const [existing] = transaction
      .select({ count: count() })
      .from(notificationConfigurations)
      .where(eq(notificationConfigurations.workspaceId, row.workspaceId))
      .all();
    if ((existing?.count ?? 0) >= maxConfigurations) {
      const message = `A workspace can have ${maxConfigurations} notification configurations, and this one has them.`;
      throw new GatehouseError('invalid_request', message);
    }
    transaction.insert(notificationConfigurations).values(row).run();
    if (response !== undefined) addResponse(transaction, response);
    audit(transaction, actor, row, 'notification.created', {}, row.updatedAt);
  });
}

/** `row` is the whole configuration as it is to be. Answers of an address that it has no more are forgotten. */
export async function changeNotificationConfiguration(
  database: Database,
  actor: Actor,
  row: NotificationConfiguration,
  change: { isNewUrl: boolean; isNewToken: boolean; response: NewResponse | undefined },
): Promise<void> {
  const { isNewUrl, isNewToken, response } = change;
  inTransaction(database, (transaction) => {
    transaction.update(notificationConfigurations).set(row).where(eq(notificationConfigurations.id, row.id)).run();
    if (isNewUrl) {
      transaction.delete(notificationResponses).where(eq(notificationResponses.configurationId, row.id)).run();
    }
    if (response !== undefined) addResponse(transaction, response);
    audit(transaction, actor, row, 'notification.changed', { isNewUrl, isNewToken }, row.updatedAt);
  });
}

/** What was still to be told to it is told to nobody. */
export async function deleteNotificationConfiguration(
  database: Database,
  actor: Actor,
  row: NotificationConfiguration,
  now: Date,
): Promise<void> {
  inTransaction(database, (transaction) => {
    transaction.delete(notificationConfigurations).where(eq(notificationConfigurations.id, row.id)).run();
    audit(transaction, actor, row, 'notification.deleted', {}, now);
  });
}

export function findNotificationConfiguration(database: Database, id: string): NotificationConfiguration | undefined {
  return database.select().from(notificationConfigurations).where(eq(notificationConfigurations.id, id)).get();
}

/** In the order in which they were made. */
export async function listNotificationConfigurations(
  database: Database,
  workspaceId: string,
  page: { limit: number; offset: number },
): Promise<{ configurations: NotificationConfiguration[]; totalCount: number }> {
  const where = eq(notificationConfigurations.workspaceId, workspaceId);
  const [total] = database.select({ count: count() }).from(notificationConfigurations).where(where).all();
  const configurations = database
    .select()
    .from(notificationConfigurations)
    .where(where)
    .orderBy(asc(notificationConfigurations.id))
    .limit(page.limit)
    .offset(page.offset)
    .all();
  return { configurations, totalCount: total?.count ?? 0 };
}

/** Newest first, of each configuration. */
export function responsesOf(database: Database, configurationIds: readonly string[]): NotificationResponse[] {
  return database
    .select()
    .from(notificationResponses)
    .where(inArray(notificationResponses.configurationId, [...configurationIds]))
    .orderBy(desc(notificationResponses.sequence))
    .all();
}

/** Keeps an answer, and of the older ones the last. Nothing, where the configuration is gone. */
export async function recordResponse(database: Database, response: NewResponse): Promise<void> {
  inTransaction(database, (transaction) => {
    if (exists(transaction, response.configurationId)) addResponse(transaction, response);
  });
}

/** The answer to a test message that a person had sent. */
export async function recordVerification(
  database: Database,
  actor: Actor,
  row: NotificationConfiguration,
  response: NewResponse,
): Promise<void> {
  inTransaction(database, (transaction) => {
    if (!exists(transaction, row.id)) return;
    addResponse(transaction, response);
    const { successful, code } = response;
    audit(transaction, actor, row, 'notification.verified', { successful, code }, response.sentAt);
  });
}

function exists(transaction: Transaction, id: string): boolean {
  const found = transaction
    .select({ id: notificationConfigurations.id })
    .from(notificationConfigurations)
    .where(eq(notificationConfigurations.id, id))
    .get();
  return found !== undefined;
}

function addResponse(transaction: Transaction, response: NewResponse): void {
  transaction.insert(notificationResponses).values(response).run();
  const ofThis = eq(notificationResponses.configurationId, response.configurationId);
  const newest = transaction
    .select({ sequence: notificationResponses.sequence })
    .from(notificationResponses)
    .where(ofThis)
    .orderBy(desc(notificationResponses.sequence))
    .limit(keptResponses)
    .all()
    .map(({ sequence }) => sequence);
  transaction
    .delete(notificationResponses)
    .where(and(ofThis, notInArray(notificationResponses.sequence, newest)))
    .run();
}

/** Without the address: it may hold a right of access. */
function audit(
  transaction: Transaction,
  actor: Actor,
  row: NotificationConfiguration,
  action: string,
  more: Record<string, unknown>,
  at: Date,
): void {
  const { id, organization, workspaceId, name, destinationType, enabled, triggers } = row;
  const details = { workspaceId, name, destinationType, enabled, triggers, ...more };
  const target = { organization, targetType: 'notification-configurations', targetId: id };
  recordAudit(transaction, { ...target, actor, action, details, at });
  const workspace = workspaceName(transaction, workspaceId);
  announceSettingsChange(transaction, { organization, workspaceId, workspace }, at);
}
