import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireMember } from '../services/authorize.ts';
import type { Database } from '../store/database.ts';
import { organizationParameter } from './fields.ts';
import { documentSchema, resourceSchema } from './json-api.ts';

const entitlements = {
  // Without this one the terraform CLI runs on the laptop instead of here.
  operations: true,
  'state-storage': true,
  'private-module-registry': false,
  'vcs-integrations': false,
  'run-tasks': false,
  sentinel: false,
  teams: true,
  agents: false,
  'cost-estimation': false,
  'audit-logging': true,
  sso: false,
} as const;

const shape = Object.fromEntries(Object.keys(entitlements).map((name) => [name, z.boolean()]));
const entitlementSchema = resourceSchema('entitlement-sets', shape);

/** What the terraform CLI asks an organization first: whether runs happen here. */
export const entitlementRoutes: FastifyPluginAsyncZod<{ database: Database }> = async (app, { database }) => {
  app.get(
    '/organizations/:organization/entitlement-set',
    {
      schema: {
        tags: ['Organizations'],
        summary: 'What this organization can do here',
        params: organizationParameter,
        response: { 200: documentSchema(entitlementSchema) },
      },
    },
    async ({ actor, params }) => {
      await requireMember(database, actor, params.organization);
      return { data: { id: params.organization, type: 'entitlement-sets' as const, attributes: entitlements } };
    },
  );
};
