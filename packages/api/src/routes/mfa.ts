import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import { errorCodes } from '@gatehouse/shared/error-codes';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { deviceHolderOf } from '../services/answering-devices.ts';
import { authenticateRun, type ExchangeDependencies } from '../services/authenticate-run.ts';
import { authenticateRuns, type BatchOutcome } from '../services/authenticate-runs.ts';
import { requireMember } from '../services/authorize.ts';
import { listChallenges } from '../services/list-challenges.ts';
import { detailsOf } from '../store/run-details.ts';
import { plannedSessions } from '../store/session-forecasts.ts';
import { lastSpentCodes } from '../store/spent-codes.ts';
import { idParameter, organizationParameter } from './fields.ts';
import {
  documentAt,
  documentSchema,
  listDocument,
  listSchema,
  pageOf,
  pageQuery,
  reference,
  resourceSchema,
  timestamp,
  timestampOf,
  toOne,
} from './json-api.ts';

import { mfaAttributes, mfaAttributesOf } from './mfa-attributes.ts';
import { deviceKey } from './mfa-device.ts';
import { authenticateLimit } from './rate-limits.ts';
import { batchBody, confirmNameOf, deviceOf, runIdsOf, tokenCodeBody, tokenCodeOf } from './run-bodies.ts';
import { runResource, runSchema } from './run-resource.ts';
import { viewOf } from './run-view.ts';

const tags = ['MFA'];

const challengeSchema = resourceSchema(
  'mfa-challenges',
  {
    ...mfaAttributes.shape,
    'created-at': timestamp,
    /** Equal where one code of the one who looks can release both. */
    'device-key': z.string(),
    'workspace-name': z.string(),
    'run-message': z.string(),
    'run-status': z.string(),
    'gatehouse-status': z.string(),
    'run-created-by': z.string(),
  },
  { relationships: z.object({ run: toOne('runs'), workspace: toOne('workspaces') }) },
);

const outcomeSchema = resourceSchema('mfa-outcomes', {
  'run-id': z.string(),
  outcome: z.enum(['authenticated', 'exchanging', 'failed']),
  error: z
    .object({
      status: z.string(),
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      meta: z.object({ 'retry-after-seconds': z.int() }).optional(),
    })
    .nullable(),
});

export const mfaRoutes: FastifyPluginAsyncZod<ExchangeDependencies> = async (app, dependencies) => {
  const { database, sealer } = dependencies;

  app.post(
    '/runs/:id/actions/authenticate',
    {
      config: { rateLimit: authenticateLimit },
      schema: {
        tags,
        summary: 'Enter an MFA code for a run',
        description:
          'Answers when AWS has judged the code: 200 with the run, or why not. When AWS takes longer than ten seconds: 200 ' +
          'with `mfa.state` `exchanging`; the outcome appears on the run. In `planned` the code is the confirmation.',
        params: idParameter,
        body: tokenCodeBody,
        response: { 200: documentSchema(runSchema) },
      },
    },
    async ({ actor, params, body }) => {
      const run = await authenticateRun(dependencies, {
        runId: params.id,
        tokenCode: tokenCodeOf(body),
        confirmName: confirmNameOf(body),
        device: deviceOf(body),
        by: actor,
      });
      const { role } = await requireMember(database, actor, run.organization);
      const view = viewOf(dependencies, { actor, role });
      return documentAt(view.now, runResource(detailsOf(database, run), view));
    },
  );

  app.post(
    '/organizations/:organization/actions/authenticate',
    {
      config: { rateLimit: authenticateLimit },
      schema: {
        tags,
        summary: 'Release several waiting runs of one MFA device with one code',
        description: 'Each run has an outcome of its own; 200 says only that the code was looked at.',
        params: organizationParameter,
        body: batchBody,
        response: { 200: z.object({ data: z.array(outcomeSchema) }) },
      },
    },
    async ({ actor, params, body }) => {
      const outcomes = await authenticateRuns(dependencies, {
        organization: params.organization,
        runIds: runIdsOf(body),
        tokenCode: tokenCodeOf({ 'token-code': body['token-code'] ?? body.data?.attributes['token-code'] }),
        device: deviceOf(body),
        by: actor,
      });
      return { data: outcomes.map(outcomeResource) };
    },
  );

  app.get(
    '/organizations/:organization/mfa-challenges',
    {
      schema: {
        tags,
        summary: 'What waits for a code, the nearest deadline first',
        params: organizationParameter,
        querystring: pageQuery,
        response: { 200: listSchema(challengeSchema) },
      },
    },
    async ({ actor, params, query }) => {
      const all = await listChallenges(dependencies, { organization: params.organization, by: actor });
      const { limit, offset } = pageOf(query);
      const now = dependencies.clock.now();
      const spentCodes = lastSpentCodes(
        database,
        all.flatMap(({ challenge, run }) => [challenge.mfaSerial, run.mfaSerial ?? '']),
      );
      const page = all.slice(offset, offset + limit);
      const holder = deviceHolderOf(database, actor);
      const view = { sealer, now, spentCodes, plannedSessions: plannedSessions(database, page), holder };
      const data = page.map(({ challenge, run, workspaceName }) => {
        const mfa = mfaAttributesOf(challenge, run, view);
        return {
          id: challenge.id,
          type: 'mfa-challenges' as const,
          attributes: {
            ...mfa,
            'created-at': timestampOf(challenge.createdAt),
            // Of what she cannot answer, members' own devices are asked for.
            'device-key': mfa.device?.id ?? deviceKey(sealer, ''),
            'workspace-name': workspaceName,
            'run-message': run.message,
            'run-status': apiRunStatus(run.status),
            'gatehouse-status': gatehouseStatus(run.status),
            'run-created-by': run.createdByName,
          },
          relationships: { run: reference('runs', run.id), workspace: reference('workspaces', run.workspaceId) },
        };
      });
      return listDocument(data, all.length, query, now);
    },
  );
};

function outcomeResource({ runId, outcome, error }: BatchOutcome): z.input<typeof outcomeSchema> {
  const told = error && {
    status: String(errorCodes[error.code].status),
    code: error.code,
    title: errorCodes[error.code].title,
    detail: error.message,
    ...(error.retryAfterSeconds === undefined ? {} : { meta: { 'retry-after-seconds': error.retryAfterSeconds } }),
  };
  return { id: runId, type: 'mfa-outcomes', attributes: { 'run-id': runId, outcome, error: told ?? null } };
}
