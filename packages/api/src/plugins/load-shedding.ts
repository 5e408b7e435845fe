import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** The loop is this late only when the process cannot keep up; clients of the TFE API try again after a 503. */
const maxEventLoopDelayMs = 2000;

/** Refuses early when overloaded. Not for logs: go-tfe's log reader gives up at the first 503, and the plan with it. */
export const loadShedding = fastifyPlugin(async (app: FastifyInstance) => {
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    retryAfter: 5,
    // Its own status route does not build under the zod compiler; /healthz is ours.
    exposeStatusRoute: false,
  });
});
