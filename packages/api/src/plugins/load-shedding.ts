import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Refuses early when overloaded; clients of the TFE API try again after a 503. Not for logs: go-tfe's log reader gives up at the first 503, and the plan with it. */
export const loadShedding = fastifyPlugin(
  async (app: FastifyInstance, { config }: { config: { maxLagMs: number } }) => {
    await app.register(underPressure, {
      maxEventLoopDelay: config.maxLagMs,
      retryAfter: 5,
      // Its own status route does not build under the zod compiler; /healthz is ours.
      exposeStatusRoute: false,
    });
  },
);
