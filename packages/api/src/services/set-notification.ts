import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { NotificationTrigger } from '../domain/notification-events.ts';
import { genericVerification, slackVerification } from '../domain/notification-payload.ts';
import { keptBody } from '../domain/notification-rules.ts';
import type { Database } from '../store/database.ts';
import {
  changeNotificationConfiguration,
  insertNotificationConfiguration,
  type NewResponse,
  type NotificationConfiguration,
  recordVerification,
} from '../store/notification-configurations.ts';
import type { DestinationType } from '../store/schema/notifications.ts';
import type { Workspace } from '../store/workspaces.ts';
import type { WebhookAnswer } from '../webhooks/post-webhook.ts';
import {
  type Destination,
  notificationContexts,
  openDestination,
  type Sending,
  sendNotification,
} from './send-notification.ts';

type Dependencies = Sending & { database: Database; clock: Clock };

export type NotificationInput = {
  name: string;
  destinationType: DestinationType;
  enabled: boolean;
  triggers: NotificationTrigger[];
  url: Secret;
  /** Null: notifications are not signed. */
  token: Secret | null;
};

/** Whoever calls has checked that the actor owns the workspace. Throws `notification_refused`: then nothing is made. */
export async function createNotification(
  dependencies: Dependencies,
  actor: Actor,
  workspace: Workspace,
  { url, token, ...input }: NotificationInput,
): Promise<NotificationConfiguration> {
  const { database, sealer, clock } = dependencies;
  const now = clock.now();
  const id = newId('notificationConfiguration', now.getTime());
  const row: NotificationConfiguration = {
    ...input,
    id,
    workspaceId: workspace.id,
    organization: workspace.organization,
    sealedUrl: await sealer.seal(url, notificationContexts.url(id)),
    sealedToken: token && (await sealer.seal(token, notificationContexts.token(id))),
    createdAt: now,
    updatedAt: now,
  };
  const response = row.enabled
    ? await requireAccepted(dependencies, row, { url, token: token ?? undefined })
    : undefined;
  await insertNotificationConfiguration(database, actor, row, response);
  return row;
}

/**
 * Changes what is given. One that is enabled, and one that stays so with another address or token, is verified first.
 * Throws `notification_refused`: then nothing is changed.
 */
export async function updateNotification(
  dependencies: Dependencies,
  actor: Actor,
  before: NotificationConfiguration,
  { url, token, ...input }: Partial<Omit<NotificationInput, 'destinationType'>>,
): Promise<NotificationConfiguration> {
  const { database, sealer, clock } = dependencies;
  const after: NotificationConfiguration = { ...before, ...input, updatedAt: clock.now() };
  if (url !== undefined) after.sealedUrl = await sealer.seal(url, notificationContexts.url(before.id));
  if (token !== undefined) {
    after.sealedToken = token && (await sealer.seal(token, notificationContexts.token(before.id)));
  }
  const isNewUrl = url !== undefined;
  const isNewToken = token !== undefined;
  const isToVerify = after.enabled && (!before.enabled || isNewUrl || isNewToken);
  const response = isToVerify
    ? await requireAccepted(dependencies, after, await openDestination(sealer, after))
    : undefined;
  await changeNotificationConfiguration(database, actor, after, { isNewUrl, isNewToken, response });
  return after;
}

/** Sends a test message. What came back is kept, whatever it was. Throws `notification_refused`. */
export async function verifyNotification(
  dependencies: Dependencies,
  actor: Actor,
  configuration: NotificationConfiguration,
): Promise<void> {
  const { database, sealer } = dependencies;
  const { answer, response } = await verify(dependencies, configuration, await openDestination(sealer, configuration));
  await recordVerification(database, actor, configuration, response);
  if (!response.successful) throw notAccepted(answer);
}

async function requireAccepted(
  dependencies: Dependencies,
  configuration: NotificationConfiguration,
  destination: Destination,
): Promise<NewResponse> {
  const { answer, response } = await verify(dependencies, configuration, destination);
  if (!response.successful) throw notAccepted(answer);
  return response;
}

function verify(dependencies: Dependencies, configuration: NotificationConfiguration, destination: Destination) {
  const now = dependencies.clock.now();
  return sendNotification(dependencies, {
    configurationId: configuration.id,
    destination,
    deliveryId: newId('notificationDelivery', now.getTime()),
    payload:
      configuration.destinationType === 'slack' ? slackVerification(configuration) : genericVerification(configuration),
    at: now,
  });
}

function notAccepted(answer: WebhookAnswer): GatehouseError {
  const what =
    answer.kind === 'answered'
      ? `It answered ${answer.code}${answer.body === '' ? '' : `: ${keptBody(answer.body)}`}`
      : answer.reason;
  return new GatehouseError('notification_refused', `The destination did not accept a test message. ${what}`, {
    pointer: '/data/attributes/url',
  });
}
