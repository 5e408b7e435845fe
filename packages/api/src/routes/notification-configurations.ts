import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { requireOwner } from '../services/authorize.ts';
import { requireOwnWorkspace, requireWorkspace } from '../services/find-workspace.ts';
import type { Sending } from '../services/send-notification.ts';
import { createNotification, updateNotification, verifyNotification } from '../services/set-notification.ts';
import type { Database } from '../store/database.ts';
import { findMembership } from '../store/memberships.ts';
import {
  deleteNotificationConfiguration,
  findNotificationConfiguration,
  listNotificationConfigurations,
  type NotificationConfiguration,
  responsesOf,
} from '../store/notification-configurations.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { idParameter } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { documentSchema, listDocument, listSchema, pageOf, pageQuery, requestDocument } from './json-api.ts';
import {
  changedNotificationAttributes,
  newNotificationAttributes,
  notificationResource,
  notificationSchema,
} from './notification-resource.ts';

const tags = ['Notifications'];
const notificationDocument = documentSchema(notificationSchema);

type Dependencies = Sending & { database: Database; clock: Clock };

/** Who is told of a workspace's runs. Members see that there are some, owners decide and see where they lead. */
export const notificationRoutes: FastifyPluginAsyncZod<Dependencies> = async (app, dependencies) => {
  const { database, sealer, clock } = dependencies;

  app.get(
    '/workspaces/:id/notification-configurations',
    {
      schema: {
        tags,
        summary: "Who is told of a workspace's runs",
        params: idParameter,
        querystring: pageQuery,
        response: { 200: listSchema(notificationSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const { workspace, membership } = await requireWorkspace(database, actor, params);
      const page = pageOf(query);
      const { configurations, totalCount } = await listNotificationConfigurations(database, workspace.id, page);
      const ids = configurations.map(({ id }) => id);
      const responses = responsesOf(database, ids);
      const data = configurations.map((row) => notificationResource(sealer, row, responses, membership.role));
      return listDocument(await Promise.all(data), totalCount, query);
    },
  );

  app.post(
    '/workspaces/:id/notification-configurations',
    {
      schema: {
        tags,
        summary: 'Have somebody told of the runs of a workspace',
        description:
          'Owners only. One that is enabled is sent a test message first; nothing is made unless it accepts.',
        params: idParameter,
        body: requestDocument(newNotificationAttributes),
        response: { 201: notificationDocument },
      },
    },
    async ({ actor, params, body }, reply) => {
      const { workspace } = await requireOwnWorkspace(database, actor, params);
      const { name, enabled, triggers, url, token, 'destination-type': destinationType } = body.data.attributes;
      const input = { name, enabled, triggers, url, token, destinationType };
      const row = await createNotification(dependencies, actor, workspace, input);
      return reply.status(201).send(await document(row, 'owner'));
    },
  );

  app.get(
    '/notification-configurations/:id',
    {
      schema: {
        tags,
        summary: 'One notification configuration, with the last answers of its receiver',
        params: idParameter,
        response: { 200: notificationDocument },
      },
    },
    async ({ actor, params }) => {
      const { row, role } = requireConfiguration(actor, params.id);
      return document(row, role);
    },
  );

  app.patch(
    '/notification-configurations/:id',
    {
      schema: {
        tags,
        summary: 'Change a notification configuration',
        description:
          'Owners only. One that is enabled by it, or has another address or token, is sent a test message first.',
        params: idParameter,
        body: requestDocument(changedNotificationAttributes),
        response: { 200: notificationDocument },
      },
    },
    async ({ actor, params, body }) => {
      const before = await requireOwnConfiguration(actor, params.id);
      const { name, enabled, triggers, url, token } = body.data.attributes;
      const input = givenFields({ name, enabled, triggers, url, token });
      return document(await updateNotification(dependencies, actor, before, input), 'owner');
    },
  );

  app.delete(
    '/notification-configurations/:id',
    {
      schema: {
        tags,
        summary: 'Delete a notification configuration',
        description: 'Owners only. What was still to be told to it is told to nobody.',
        params: idParameter,
        response: { 204: z.null() },
      },
    },
    async ({ actor, params }, reply) => {
      const row = await requireOwnConfiguration(actor, params.id);
      await deleteNotificationConfiguration(database, actor, row, clock.now());
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/notification-configurations/:id/actions/verify',
    {
      schema: {
        tags,
        summary: 'Send a test message',
        description: 'Owners only. What came back is kept with the configuration, also when it is no success (422).',
        params: idParameter,
        response: { 200: notificationDocument },
      },
    },
    async ({ actor, params }) => {
      const row = await requireOwnConfiguration(actor, params.id);
      await verifyNotification(dependencies, actor, row);
      return document(row, 'owner');
    },
  );

  async function document(row: NotificationConfiguration, role: MemberRole) {
    return { data: await notificationResource(sealer, row, responsesOf(database, [row.id]), role) };
  }

  function requireConfiguration(actor: Actor, id: string): { row: NotificationConfiguration; role: MemberRole } {
    const row = findNotificationConfiguration(database, id);
    const membership = row && findMembership(database, row.organization, actor.userId);
    if (row === undefined || membership === undefined) {
      throw new GatehouseError('not_found', `There is no notification configuration ${id} that you may see.`);
    }
    return { row, role: membership.role };
  }

  async function requireOwnConfiguration(actor: Actor, id: string): Promise<NotificationConfiguration> {
    const { row } = requireConfiguration(actor, id);
    await requireOwner(database, actor, row.organization);
    return row;
  }
};
