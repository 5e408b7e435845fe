import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';

/** A route as Fastify has registered it, with the schemas that requests are checked with. */
export type Route = { name: string; method: string; url: string; schema: FastifySchema };

const initialization = z.object({ fastify: z.custom<FastifyInstance>((value) => typeof value === 'object') });

/** What `build` makes, and every route that was registered meanwhile: no list that somebody has to keep. */
export async function withRoutes<Built>(build: () => Promise<Built>): Promise<{ built: Built; routes: Route[] }> {
  const routes = new Map<string, Route>();
  const watch = (message: unknown): void => {
    initialization.parse(message).fastify.addHook('onRoute', ({ method, url, schema = {} }) => {
      for (const one of [method].flat()) {
        const name = `${one} ${url}`;
        routes.set(name, { name, method: one, url, schema });
      }
    });
  };
  subscribe('fastify.initialization', watch);
  try {
    const built = await build();
    // Fastify answers HEAD by itself wherever there is a GET, by the same handler and hooks.
    return { built, routes: [...routes.values()].filter(({ method }) => method !== 'HEAD') };
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
}
