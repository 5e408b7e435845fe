import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { isSuccess, keptBody, keptHeaders } from '../domain/notification-rules.ts';
import { notificationSignature } from '../domain/notification-signature.ts';
import type { NewResponse } from '../store/notification-configurations.ts';
import type { PostWebhook, WebhookAnswer } from '../webhooks/post-webhook.ts';

export type Sending = { postWebhook: PostWebhook; sealer: Sealer };

/** Where a notification goes, opened. `token` undefined: it is not signed. */
export type Destination = { url: Secret; token: Secret | undefined };

/** The contexts that a configuration's secrets are sealed for. */
export const notificationContexts = {
  url: (configurationId: string) => `notification-url/${configurationId}`,
  token: (configurationId: string) => `notification-token/${configurationId}`,
  response: (configurationId: string) => `notification-response/${configurationId}`,
};

export async function openDestination(
  sealer: Pick<Sealer, 'unsealText'>,
  configuration: { id: string; sealedUrl: string; sealedToken: string | null },
): Promise<Destination> {
  const { id, sealedUrl, sealedToken } = configuration;
  const url = new Secret(await sealer.unsealText(sealedUrl, notificationContexts.url(id)));
  if (sealedToken === null) return { url, token: undefined };
  return { url, token: new Secret(await sealer.unsealText(sealedToken, notificationContexts.token(id))) };
}

/** Sends one body, once. `deliveryId` is the same for each try of one notification, so that a receiver can drop a second. */
export async function sendNotification(
  { postWebhook, sealer }: Sending,
  what: { configurationId: string; destination: Destination; deliveryId: string; payload: object; at: Date },
): Promise<{ answer: WebhookAnswer; response: NewResponse }> {
  const { destination, deliveryId, at, configurationId } = what;
  const body = JSON.stringify(what.payload);
  const signature = destination.token && notificationSignature(destination.token, body);
  const answer = await postWebhook({
    url: destination.url,
    headers: {
      'idempotency-key': deliveryId,
      ...(signature === undefined ? {} : { 'x-tfe-notification-signature': signature }),
    },
    body,
  });
  const kept =
    answer.kind === 'answered'
      ? { headers: keptHeaders(answer.headers), body: keptBody(answer.body) }
      : { headers: {}, body: answer.reason };
  return {
    answer,
    response: {
      configurationId,
      code: answer.kind === 'answered' ? answer.code : null,
      successful: answer.kind === 'answered' && isSuccess(answer.code),
      sentAt: at,
      sealedAnswer: await sealer.seal(JSON.stringify(kept), notificationContexts.response(configurationId)),
    },
  };
}
