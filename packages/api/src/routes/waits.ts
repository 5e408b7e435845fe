import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import { phases } from '@gatehouse/shared/run-status';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { planDestroys } from '../domain/confirm-name.ts';
import { deviceHolderOf } from '../services/answering-devices.ts';
import { listWaits, type Wait } from '../services/list-waits.ts';
import type { RunCore } from '../services/run-core.ts';
import { changeCounts, changeCountsOf } from './change-counts.ts';
import { listDocument, listSchema, pageOf, pageQuery, resourceSchema, timestamp, timestampOf } from './json-api.ts';
import { type MfaView, mfaAttributes, mfaAttributesOf } from './mfa-attributes.ts';

const waitSchema = resourceSchema('waits', {
  /** `decision`: somebody has to confirm or discard; no code is needed. */
  kind: z.enum(['code', 'decision']),
  phase: z.enum(phases),
  'waiting-since': timestamp,
  'deadline-at': timestamp.nullable(),
  organization: z.string(),
  'workspace-id': z.string(),
  'workspace-name': z.string(),
  'run-id': z.string(),
  'run-message': z.string(),
  'run-source': z.string(),
  'run-created-by': z.string(),
  'run-version': z.int(),
  status: z.string(),
  'gatehouse-status': z.string(),
  'plan-counts': changeCounts.nullable(),
  destroys: z.boolean(),
  'who-may-authenticate': z.array(z.string()),
  mfa: mfaAttributes.nullable(),
});

/** What waits for the one who asks: the first thing that the page shows. */
export const waitRoutes: FastifyPluginAsyncZod<Pick<RunCore, 'database' | 'clock' | 'sealer'>> = async (
  app,
  { database, clock, sealer },
) => {
  app.get(
    '/mfa-challenges',
    {
      schema: {
        tags: ['MFA'],
        summary: 'What waits for me, in all my organizations, oldest first',
        description: 'Runs that wait for a code, and runs whose plan waits for a decision without one.',
        querystring: pageQuery.extend({
          'page[size]': pageQuery.shape['page[size]'].default(100),
          scope: z.literal('mine', 'The one scope is "mine".').default('mine'),
        }),
        response: { 200: listSchema(waitSchema) },
      },
    },
    async ({ actor, query }) => {
      const now = clock.now();
      const waits = listWaits({ database }, actor);
      const holder = deviceHolderOf(database, actor);
      const { limit, offset } = pageOf(query);
      const data = waits
        .slice(offset, offset + limit)
        .map((wait) => waitResource(wait, { ...wait.details, sealer, now, holder }));
      return listDocument(data, waits.length, query, now);
    },
  );
};

function waitResource({ details, phase, challenge, since }: Wait, view: MfaView): z.input<typeof waitSchema> {
  const { run, workspaceName, phases: rows } = details;
  const plan = rows.find((row) => row.phase === 'plan');
  return {
    id: run.id,
    type: 'waits',
    attributes: {
      kind: challenge === undefined ? 'decision' : 'code',
      phase,
      'waiting-since': timestampOf(since),
      'deadline-at': timestampOf(challenge?.deadlineAt ?? null),
      organization: run.organization,
      'workspace-id': run.workspaceId,
      'workspace-name': workspaceName,
      'run-id': run.id,
      'run-message': run.message,
      'run-source': run.source,
      'run-created-by': run.createdByName,
      'run-version': run.version,
      status: apiRunStatus(run.status),
      'gatehouse-status': gatehouseStatus(run.status),
      'plan-counts': changeCountsOf(plan),
      destroys: run.isDestroy || planDestroys(plan),
      'who-may-authenticate': [...details.whoMayAuthenticate],
      mfa: challenge === undefined ? null : mfaAttributesOf(challenge, run, view),
    },
  };
}
