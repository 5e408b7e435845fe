import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Phase } from '@gatehouse/shared/run-status';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob-store.ts';
import { readLimited } from '../blobs/limited.ts';
import { maxStateBytes } from '../domain/state-file.ts';
import { type Job, verifyJobToken, verifyStateToken } from '../services/job-token.ts';
import {
  maxPlanArtifactBytes,
  maxPlanJsonBytes,
  openPlanArtifact,
  storePlanArtifact,
  storePlanJson,
  storeProviderSchemas,
} from '../services/plan-files.ts';
import { readConfiguration } from '../services/read-configuration.ts';
import { openCurrentState } from '../services/read-state.ts';
import { storeStateOfRun } from '../services/store-state-of-run.ts';
import type { StoreStateDependencies } from '../services/store-state-version.ts';
import { acceptRawBodies, rawBody } from './raw-body.ts';

const schema = { hide: true, params: z.object({ runId: z.string() }) };

/** What a worker reads and writes for the phase that it claimed; the table is in `@gatehouse/shared/worker-api`. */
export const workerArtifactRoutes: FastifyPluginAsyncZod<
  StoreStateDependencies & { planArtifacts: BlobStore }
> = async (app, dependencies) => {
  acceptRawBodies(app);

  /** The job of the token, which must be that of the run in the path. `only`: the phase that may do this. */
  async function requireJob(
    request: FastifyRequest,
    runId: string,
    only?: Phase,
    verify = verifyJobToken,
  ): Promise<Job> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new GatehouseError('unauthorized', 'Send the job token as: Authorization: Bearer …');
    const job = await verify(dependencies, token);
    if (job.run.id !== runId) throw new GatehouseError('forbidden', `The job token is not for run ${runId}.`);
    if (only !== undefined && job.phase !== only) {
      throw new GatehouseError(
        'forbidden',
        `Only the ${only} of a run may do this; the job token is for its ${job.phase}.`,
      );
    }
    return job;
  }

  app.get('/runs/:runId/configuration', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId);
    return reply.type('application/gzip').send(await readConfiguration(dependencies, run.configurationVersionId));
  });

  app.get('/runs/:runId/state', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId);
    const state = await openCurrentState(dependencies, run.workspaceId);
    if (state === undefined) return reply.status(204).send();
    return reply.type('application/json').send(state);
  });

  app.put('/runs/:runId/state', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId, 'apply', verifyStateToken);
    const bytes = await readLimited(rawBody(request, maxStateBytes, 'A state'), maxStateBytes, 'A state');
    await storeStateOfRun(dependencies, run, bytes);
    return reply.status(204).send();
  });

  app.put('/runs/:runId/plan-artifact', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId, 'plan');
    const body = rawBody(request, maxPlanArtifactBytes, 'A plan artefact');
    await storePlanArtifact(dependencies, { runId: run.id, body });
    return reply.status(204).send();
  });

  app.get('/runs/:runId/plan-artifact', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId, 'apply');
    return reply.type('application/octet-stream').send(await openPlanArtifact(dependencies, run.id));
  });

  app.put('/runs/:runId/plan-json', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId, 'plan');
    const body = rawBody(request, maxPlanJsonBytes, 'A plan in JSON');
    const bytes = await readLimited(body, maxPlanJsonBytes, 'A plan in JSON');
    await storePlanJson(dependencies, { runId: run.id, bytes });
    return reply.status(204).send();
  });

  app.put('/runs/:runId/provider-schemas', { schema }, async (request, reply) => {
    const { run } = await requireJob(request, request.params.runId, 'plan');
    const body = rawBody(request, maxPlanJsonBytes, 'A set of schemas');
    const bytes = await readLimited(body, maxPlanJsonBytes, 'A set of schemas');
    await storeProviderSchemas(dependencies, { runId: run.id, bytes });
    return reply.status(204).send();
  });
};
