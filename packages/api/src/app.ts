import cookie from '@fastify/cookie';
import type { Redis } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { authentication } from './plugins/authentication.ts';
import { errorHandler } from './plugins/error-handler.ts';
import { jsonApiContentType } from './plugins/json-api-content-type.ts';
import { jsonMediaType } from './plugins/json-media-type.ts';
import { loadShedding } from './plugins/load-shedding.ts';
import { openApi } from './plugins/openapi.ts';
import { rateLimit } from './plugins/rate-limit.ts';
import { requestLog } from './plugins/request-log.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { accountRoutes } from './routes/account.ts';
import { auditRoutes } from './routes/audit.ts';
import { entitlementRoutes } from './routes/entitlements.ts';
import { healthRoutes } from './routes/health.ts';
import { memberRoutes } from './routes/members.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { pingRoutes } from './routes/ping.ts';
import { serviceDiscoveryRoutes } from './routes/service-discovery.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { variableRoutes } from './routes/variables.ts';
import { workspaceLockRoutes } from './routes/workspace-locks.ts';
import { workspaceRoutes } from './routes/workspaces.ts';
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
export async function buildApp(given: Dependencies): Promise<FastifyInstance> {
  const dependencies = { ...given, publicUrl: given.config.publicUrl };
  const app = Fastify({
    loggerInstance: given.logger,
    // Fastify's own lines hold the whole address; plugins/request-log.ts writes ours.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: given.config.trustProxy,
    genReqId: () => crypto.randomUUID(),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(errorHandler);
  await app.register(requestLog);
  await app.register(jsonMediaType);
  await app.register(securityHeaders, dependencies);
  await app.register(cookie);
  await app.register(rateLimit, dependencies);
  await app.register(openApi, dependencies);

  await app.register(healthRoutes, dependencies);
  await app.register(serviceDiscoveryRoutes);

  // Without a sign-in: what carries its right of access in its path, or needs none.
  await app.register(
    async (open) => {
      await open.register(jsonApiContentType);
      await open.register(pingRoutes);
      await open.register(signInRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );

  // With a sign-in: an API token or the page's session.
  await app.register(
    async (signedIn) => {
      await signedIn.register(loadShedding);
      await signedIn.register(jsonApiContentType);
      await signedIn.register(authentication, dependencies);
      await signedIn.register(accountRoutes, dependencies);
      await signedIn.register(sessionRoutes, dependencies);
      await signedIn.register(tokenRoutes, dependencies);
      await signedIn.register(organizationRoutes, dependencies);
      await signedIn.register(entitlementRoutes, dependencies);
      await signedIn.register(memberRoutes, dependencies);
      await signedIn.register(auditRoutes, dependencies);
      await signedIn.register(workspaceRoutes, dependencies);
      await signedIn.register(workspaceLockRoutes, dependencies);
      await signedIn.register(variableRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );
  return app;
}
