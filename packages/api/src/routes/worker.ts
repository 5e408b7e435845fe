import { checkClaim, checkClaimRequest } from '@gatehouse/shared/check-claim';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { phases } from '@gatehouse/shared/run-status';
import { Secret } from '@gatehouse/shared/secret';
import {
  challengeClaim,
  challengeClaimRequest,
  heartbeat,
  heartbeatAnswer,
  phaseClaim,
  phaseClaimRequest,
} from '@gatehouse/shared/worker-api';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PageEvents } from '../queue/page-events.ts';
import { claimChallenge } from '../services/claim-challenge.ts';
import { claimCheck } from '../services/claim-check.ts';
import { claimPhase } from '../services/claim-phase.ts';
import type { Hearing } from '../services/hearing.ts';
import { recordHeartbeat } from '../services/record-heartbeat.ts';
import type { RunCore } from '../services/run-core.ts';

type WorkerDependencies = RunCore & { workerTokens: readonly Secret[]; pageEvents: PageEvents; hearing?: Hearing };

/** What the fleet asks with the worker token: it beats and claims. The table is in `@gatehouse/shared/worker-api`. */
export const workerRoutes: FastifyPluginAsyncZod<WorkerDependencies> = async (app, dependencies) => {
  app.addHook('onRequest', async (request) => requireWorkerToken(dependencies, request));

  app.post(
    '/workers/:workerId/heartbeat',
    {
      schema: {
        hide: true,
        params: z.object({ workerId: z.string().min(1).max(100) }),
        body: heartbeat,
        response: { 200: heartbeatAnswer },
      },
      // Whatever kept it from being heard: also what refuses requests before they come here.
      onResponse: async (_request, reply) => {
        if (reply.statusCode >= 500) dependencies.hearing?.missed(dependencies.clock.now());
      },
    },
    async ({ params, body }) => recordHeartbeat(dependencies, { workerId: params.workerId, heartbeat: body }),
  );

  app.post(
    '/challenges/:challengeId/claim',
    {
      schema: {
        hide: true,
        params: z.object({ challengeId: z.string() }),
        body: challengeClaimRequest,
        response: { 200: challengeClaim },
      },
    },
    async ({ params, body }) => claimChallenge(dependencies, { ...params, ...body }),
  );

  app.post(
    '/aws-checks/:checkId/claim',
    {
      schema: {
        hide: true,
        params: z.object({ checkId: z.string() }),
        body: checkClaimRequest,
        response: { 200: checkClaim },
      },
    },
    async ({ params, body }) => claimCheck(dependencies, { ...params, ...body }),
  );

  app.post(
    '/runs/:runId/phases/:phase/claim',
    {
      schema: {
        hide: true,
        params: z.object({ runId: z.string(), phase: z.enum(phases) }),
        body: phaseClaimRequest,
        response: { 200: phaseClaim },
      },
    },
    async ({ params, body }) => claimPhase(dependencies, { ...params, ...body }),
  );
};

function requireWorkerToken(
  { sealer, workerTokens }: RunCore & { workerTokens: readonly Secret[] },
  request: FastifyRequest,
): void {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  // Fingerprints are compared, not tokens: the time it takes tells nothing about a token.
  const fingerprint = (token: Secret) => sealer.fingerprint(token, 'worker-token');
  const shown = given === undefined ? undefined : fingerprint(new Secret(given));
  if (workerTokens.some((token) => fingerprint(token) === shown)) return;
  throw new GatehouseError('unauthorized', 'Send the worker token as: Authorization: Bearer …');
}
