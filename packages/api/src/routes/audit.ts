import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireOwner } from '../services/authorize.ts';
import { type AuditRecord, listAuditRecords } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { organizationParameter } from './fields.ts';
import { listDocument, listSchema, pageOf, pageQuery, resourceSchema, timestamp, timestampOf } from './json-api.ts';

const auditSchema = resourceSchema('audit-records', {
  at: timestamp,
  action: z.string(),
  /** The name at the time. */
  actor: z.string(),
  'actor-id': z.string().nullable(),
  'target-type': z.string(),
  'target-id': z.string(),
  details: z.record(z.string(), z.unknown()),
});

function auditResource(record: AuditRecord) {
  return {
    id: record.id,
    type: 'audit-records' as const,
    attributes: {
      at: timestampOf(record.at),
      action: record.action,
      actor: record.actorName,
      'actor-id': record.actorId,
      'target-type': record.targetType,
      'target-id': record.targetId,
      details: record.details,
    },
  };
}

/** Who did what in an organization, newest first. Owners only. */
export const auditRoutes: FastifyPluginAsyncZod<{ database: Database }> = async (app, { database }) => {
  app.get(
    '/organizations/:organization/audit-records',
    {
      schema: {
        tags: ['Audit'],
        summary: 'Who did what, newest first',
        params: organizationParameter,
        querystring: pageQuery.extend({
          'filter[action]': z.string().max(100).optional(),
          'filter[actor]': z.string().max(100).optional(),
          'filter[run]': z.string().max(100).optional(),
        }),
        response: { 200: listSchema(auditSchema) },
      },
    },
    async ({ actor, params, query }) => {
      await requireOwner(database, actor, params.organization);
      const filter = { action: query['filter[action]'], actor: query['filter[actor]'], run: query['filter[run]'] };
      const { records, totalCount } = await listAuditRecords(database, params.organization, filter, pageOf(query));
      return listDocument(records.map(auditResource), totalCount, query);
    },
  );
};
