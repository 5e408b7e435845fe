import cookie from '@fastify/cookie';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { authentication } from './plugins/authentication.ts';
import { errorHandler } from './plugins/error-handler.ts';
import { jsonApiContentType } from './plugins/json-api-content-type.ts';
import { requestLog } from './plugins/request-log.ts';
import type { Database } from './store/database.ts';

/** Everything that a route may ask for; each names the part that it needs. */
export type Dependencies = {
  config: Config;
  database: Database;
  /** For single commands: not blocking, not BullMQ's. */
  redis: Redis;
  sealer: Sealer;
  clock: Clock;
  logger: FastifyBaseLogger;
};

/** The whole HTTP side as one list. Does not listen yet. */
export async function buildApp(dependencies: Dependencies): Promise<FastifyInstance> {
  const { config, clock, database } = dependencies;
  const app = Fastify({
    loggerInstance: dependencies.logger,
    disableRequestLogging: true,
    trustProxy: config.trustProxy,
    genReqId: () => crypto.randomUUID(),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(errorHandler);
  await app.register(requestLog);
  await app.register(cookie);

  // Without a sign-in: what carries its right of access in its path, or needs none.
  await app.register(
    async (scope) => {
      const open = scope.withTypeProvider<ZodTypeProvider>();
      await open.register(jsonApiContentType);
    },
    { prefix: '/api/v2' },
  );

  // With a sign-in: an API token or the page's session.
  await app.register(
    async (scope) => {
      const signedIn = scope.withTypeProvider<ZodTypeProvider>();
      await signedIn.register(jsonApiContentType);
      await signedIn.register(authentication, { database, clock, publicUrl: config.publicUrl });
    },
    { prefix: '/api/v2' },
  );
  return app;
}
