import { phases } from '@gatehouse/shared/run-status';
import { workerLostAfterMs } from '@gatehouse/shared/worker-api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { drainWorker, type OperateDependencies } from '../services/operate-queue.ts';
import { type OperatorScope, requireOperator } from '../services/operator-scope.ts';
import { listWorkers, phasesAtWork, type WorkerRow } from '../store/workers.ts';
import { idParameter } from './fields.ts';
import { resourceSchema, timestamp, timestampOf } from './json-api.ts';

/** A worker that missed more than two heartbeats gives no sign; it may only be slow. */
const noSignAfterMs = 15_000;

const workerSchema = resourceSchema('workers', {
  name: z.string(),
  version: z.string(),
  sandbox: z.enum(['bubblewrap', 'none']),
  concurrency: z.int(),
  /** `no_sign` goes before all others: what it does is not known. */
  state: z.enum(['working', 'idle', 'draining', 'no_sign']),
  /** It takes no new phase: told to, or about to end. */
  draining: z.boolean(),
  'drain-requested-by': z.string().nullable(),
  'drain-requested-at': timestamp.nullable(),
  'first-seen-at': timestamp,
  'last-seen-at': timestamp,
  /** Of one that gives no sign: when its phases are given up for lost. */
  'lost-at': timestamp.nullable(),
  phases: z.array(
    z.object({
      'run-id': z.string(),
      phase: z.enum(phases),
      organization: z.string(),
      workspace: z.string(),
      'started-at': timestamp.nullable(),
    }),
  ),
  /** Phases of organizations that the one who asks does not operate. */
  'hidden-phases': z.int(),
});

type AtWork = ReturnType<typeof phasesAtWork>[number];

const tags = ['Queue'];

/** The fleet, for operators. */
export const workerListRoutes: FastifyPluginAsyncZod<OperateDependencies> = async (app, dependencies) => {
  const { database, clock } = dependencies;

  app.get(
    '/workers',
    {
      schema: {
        tags,
        summary: 'The workers of the last day, last seen first',
        querystring: z.object({ organization: z.string().optional() }),
        response: { 200: z.object({ data: z.array(workerSchema), meta: z.object({ 'server-now': timestamp }) }) },
      },
    },
    async ({ actor, query }) => {
      const scope = await requireOperator(database, actor, query.organization);
      const now = clock.now();
      const atWork = Map.groupBy(phasesAtWork(database), ({ workerId }) => workerId);
      const data = listWorkers(database).map((worker) =>
        workerResource(worker, atWork.get(worker.id) ?? [], { scope, now }),
      );
      return { data, meta: { 'server-now': timestampOf(now) } };
    },
  );

  for (const { name, isRequested, summary } of [
    { name: 'drain', isRequested: true, summary: 'Have a worker take no new phase' },
    { name: 'resume', isRequested: false, summary: 'Let a worker take phases again' },
  ]) {
    app.post(
      `/workers/:id/actions/${name}`,
      {
        schema: {
          tags,
          summary,
          description:
            'Site admins, or an owner of the only organization. The worker learns it with its next heartbeat.',
          params: idParameter,
          response: { 204: z.null() },
        },
      },
      async ({ actor, params }, reply) => {
        await drainWorker(dependencies, actor, { workerId: params.id, isRequested });
        return reply.status(204).send(null);
      },
    );
  }
};

function workerResource(
  worker: WorkerRow,
  atWork: readonly AtWork[],
  { scope, now }: { scope: OperatorScope; now: Date },
): z.input<typeof workerSchema> {
  const silentMs = now.getTime() - worker.lastSeenAt.getTime();
  const isSilent = silentMs > noSignAfterMs;
  const draining = worker.draining || worker.drainRequestedAt !== null;
  const visible = atWork.filter(({ organization }) => scope === 'all' || scope.includes(organization));
  return {
    id: worker.id,
    type: 'workers',
    attributes: {
      name: worker.name,
      version: worker.version,
      sandbox: worker.sandbox,
      concurrency: worker.concurrency,
      state: isSilent ? 'no_sign' : draining ? 'draining' : atWork.length > 0 ? 'working' : 'idle',
      draining,
      'drain-requested-by': worker.drainRequestedBy,
      'drain-requested-at': timestampOf(worker.drainRequestedAt),
      'first-seen-at': timestampOf(worker.firstSeenAt),
      'last-seen-at': timestampOf(worker.lastSeenAt),
      'lost-at': isSilent ? timestampOf(new Date(worker.lastSeenAt.getTime() + workerLostAfterMs)) : null,
      phases: visible.map(({ runId, phase, organization, workspaceName, startedAt }) => ({
        'run-id': runId,
        phase,
        organization,
        workspace: workspaceName,
        'started-at': timestampOf(startedAt),
      })),
      'hidden-phases': atWork.length - visible.length,
    },
  };
}
