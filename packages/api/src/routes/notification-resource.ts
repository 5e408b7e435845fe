import type { Sealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { z } from 'zod';
import { notificationTriggers } from '../domain/notification-events.ts';
import { refusalOfUrl } from '../domain/notification-rules.ts';
import { notificationContexts } from '../services/send-notification.ts';
import type { NotificationConfiguration, NotificationResponse } from '../store/notification-configurations.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { destinationTypes } from '../store/schema/notifications.ts';
import { ignored, reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

/** Numbers and truths are text here: so go-tfe reads them. What holds words of the receiver is for owners. */
const deliveryResponse = z.object({
  url: z.string(),
  body: z.string(),
  /** Empty: there was no answer. */
  code: z.string(),
  headers: z.record(z.string(), z.array(z.string())),
  'sent-at': timestamp,
  successful: z.enum(['true', 'false']),
});

export const notificationSchema = resourceSchema(
  'notification-configurations',
  {
    name: z.string(),
    'destination-type': z.enum(destinationTypes),
    enabled: z.boolean(),
    triggers: z.array(z.enum(notificationTriggers)),
    /** For owners: it may hold a right of access. */
    url: z.string().nullable(),
    /** Write-only. */
    token: z.null(),
    'has-token': z.boolean(),
    /** Newest first. */
    'delivery-responses': z.array(deliveryResponse),
    'email-addresses': z.array(z.string()),
    'created-at': timestamp,
    'updated-at': timestamp,
  },
  {
    relationships: z.object({ subscribable: toOne('workspaces'), users: z.object({ data: z.array(z.never()) }) }),
    links: z.object({ self: z.string() }),
  },
);

export type NotificationResource = z.input<typeof notificationSchema>;

const url = z
  .string('The address that notifications are sent to.')
  .superRefine((text, context) => {
    const message = refusalOfUrl(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .transform((text) => new Secret(text));

const fields = {
  name: z
    .string()
    .trim()
    .min(1, 'A notification configuration needs a name.')
    .max(200, 'At most 200 characters.')
    .regex(/^\P{Cc}*$/u, 'No control characters.'),
  enabled: z.boolean(),
  triggers: z
    .array(z.enum(notificationTriggers, `One of ${notificationTriggers.join(', ')}.`))
    .transform((triggers) => [...new Set(triggers)]),
  url,
  /** Empty is none, as null is. */
  token: z
    .string()
    .max(1_000, 'At most 1000 characters.')
    .nullable()
    .transform((text) => (text ? new Secret(text) : null)),
};

const destinationType = z.enum(
  destinationTypes,
  `One of ${destinationTypes.join(', ')}. Gatehouse sends no e-mail, and does not speak the form of Microsoft Teams.`,
);

const tolerated = ['email-addresses'] as const;

export const newNotificationAttributes = z.strictObject({
  name: fields.name,
  'destination-type': destinationType,
  enabled: fields.enabled.default(false),
  triggers: fields.triggers.default([]),
  url: fields.url,
  token: fields.token.default(null),
  ...ignored(tolerated),
});

/** What kind of receiver it is stays: its form is that of the address. */
export const changedNotificationAttributes = z
  .strictObject({ ...z.object(fields).partial().shape, ...ignored([...tolerated, 'destination-type']) })
  .prefault({});

export async function notificationResource(
  sealer: Pick<Sealer, 'unsealText'>,
  row: NotificationConfiguration,
  responses: readonly NotificationResponse[],
  role: MemberRole,
): Promise<NotificationResource> {
  const address =
    role === 'owner' ? await sealer.unsealText(row.sealedUrl, notificationContexts.url(row.id)) : undefined;
  return {
    id: row.id,
    type: 'notification-configurations',
    attributes: {
      name: row.name,
      'destination-type': row.destinationType,
      enabled: row.enabled,
      triggers: row.triggers,
      url: address ?? null,
      token: null,
      'has-token': row.sealedToken !== null,
      'delivery-responses': await Promise.all(
        responses
          .filter(({ configurationId }) => configurationId === row.id)
          .map((response) => responseOf(sealer, response, address)),
      ),
      'email-addresses': [],
      'created-at': timestampOf(row.createdAt),
      'updated-at': timestampOf(row.updatedAt),
    },
    relationships: { subscribable: reference('workspaces', row.workspaceId), users: { data: [] } },
    links: { self: `/api/v2/notification-configurations/${row.id}` },
  };
}

const keptAnswer = z.object({ headers: z.record(z.string(), z.array(z.string())), body: z.string() });

/** `address` undefined: for eyes that may not see it, nor what the receiver said. */
async function responseOf(
  sealer: Pick<Sealer, 'unsealText'>,
  response: NotificationResponse,
  address: string | undefined,
): Promise<z.infer<typeof deliveryResponse>> {
  const context = notificationContexts.response(response.configurationId);
  const kept =
    address === undefined
      ? { headers: {}, body: '' }
      : keptAnswer.parse(JSON.parse(await sealer.unsealText(response.sealedAnswer, context)));
  return {
    url: address ?? '',
    ...kept,
    code: response.code === null ? '' : String(response.code),
    'sent-at': timestampOf(response.sentAt),
    successful: response.successful ? 'true' : 'false',
  };
}
