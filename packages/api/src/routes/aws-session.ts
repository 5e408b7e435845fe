import type { Sealer } from '@gatehouse/shared/seal';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { namingActions } from '../domain/role-trust-policy.ts';
import type { SessionForecast } from '../domain/session-length.ts';
import { readAwsSession, type ShownTrust } from '../services/read-aws-session.ts';
import type { Database } from '../store/database.ts';
import { idParameter } from './fields.ts';
import { documentSchema, resourceSchema, timestamp, timestampOf } from './json-api.ts';

const forecast = z.object({
  'earlier-runs': z.int(),
  'p95-seconds': z.int().nullable(),
  'duration-seconds': z.int(),
  'expected-seconds': z.int().nullable(),
  'limit-seconds': z.int(),
  'is-enough': z.boolean(),
});

const trust = z.object({
  tags: z.boolean(),
  'source-identity': z.boolean(),
  'role-arn': z.string(),
  'seen-at': timestamp,
  missing: z.array(z.enum(namingActions)),
  /** The whole trust policy of the role, to paste. */
  policy: z.record(z.string(), z.unknown()),
});

const awsSessionSchema = resourceSchema('aws-sessions', {
  plan: forecast,
  apply: forecast,
  /** Null without a role, and until a first session of it was made. */
  trust: trust.nullable(),
});

export const awsSessionRoutes: FastifyPluginAsyncZod<{
  database: Database;
  sealer: Pick<Sealer, 'unsealText'>;
}> = async (app, dependencies) => {
  app.get(
    '/workspaces/:id/aws-session',
    {
      schema: {
        tags: ['Workspaces'],
        summary: 'How long the AWS sessions of a workspace will last, and what its role lets be said of them',
        params: idParameter,
        response: { 200: documentSchema(awsSessionSchema) },
      },
    },
    async ({ actor, params }) => {
      const found = await readAwsSession(dependencies, actor, params);
      const attributes = {
        plan: forecastAttributes(found.plan),
        apply: forecastAttributes(found.apply),
        trust: found.trust === undefined ? null : trustAttributes(found.trust),
      };
      return { data: { id: found.workspace.id, type: 'aws-sessions' as const, attributes } };
    },
  );
};

function forecastAttributes(found: SessionForecast): z.input<typeof forecast> {
  return {
    'earlier-runs': found.earlierRuns,
    'p95-seconds': found.p95Seconds,
    'duration-seconds': found.durationSeconds,
    'expected-seconds': found.expectedSeconds,
    'limit-seconds': found.limitSeconds,
    'is-enough': found.isEnough,
  };
}

function trustAttributes(found: ShownTrust): z.input<typeof trust> {
  return {
    tags: found.tags,
    'source-identity': found.sourceIdentity,
    'role-arn': found.roleArn,
    'seen-at': timestampOf(found.seenAt),
    missing: found.missing,
    policy: found.policy,
  };
}
