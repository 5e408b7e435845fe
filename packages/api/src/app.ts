import cookie from '@fastify/cookie';
import { workerApiPath } from '@gatehouse/shared/worker-api';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { connectionLimits, trustedProxies } from './app/connection-limits.ts';
import type { Parts } from './app/open-parts.ts';
import type { TlsMaterial } from './app/tls-files.ts';
import { authentication } from './plugins/authentication.ts';
import { answerRefusedPath, errorHandler } from './plugins/error-handler.ts';
import { refuseForeignPages } from './plugins/foreign-origin.ts';
import { jsonApiContentType } from './plugins/json-api-content-type.ts';
import { jsonMediaType } from './plugins/json-media-type.ts';
import { loadShedding } from './plugins/load-shedding.ts';
import { openStreams } from './plugins/open-streams.ts';
import { openApi } from './plugins/openapi.ts';
import { plainRequests } from './plugins/plain-requests.ts';
import { rateLimit } from './plugins/rate-limit.ts';
import { relayAfterWrites } from './plugins/relay-after-writes.ts';
import { requestLog } from './plugins/request-log.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { slowBodies } from './plugins/slow-bodies.ts';
import { accountRoutes } from './routes/account.ts';
import { applyRoutes } from './routes/applies.ts';
import { auditRoutes } from './routes/audit.ts';
import { awsCheckRoutes } from './routes/aws-checks.ts';
import { awsIdentityRoutes } from './routes/aws-identities.ts';
import { awsSessionRoutes } from './routes/aws-session.ts';
import { commentRoutes } from './routes/comments.ts';
import { configurationVersionRoutes } from './routes/configuration-versions.ts';
import { entitlementRoutes } from './routes/entitlements.ts';
import { healthRoutes } from './routes/health.ts';
import { logCapabilityRoutes } from './routes/log-capabilities.ts';
import { logSectionRoutes } from './routes/log-sections.ts';
import { logRoutes } from './routes/logs.ts';
import { memberRoutes } from './routes/members.ts';
import { mfaRoutes } from './routes/mfa.ts';
import { newStateVersionRoutes } from './routes/new-state-versions.ts';
import { notificationRoutes } from './routes/notification-configurations.ts';
import { oauthAuthorizationRoutes } from './routes/oauth-authorizations.ts';
import { oauthTokenRoutes } from './routes/oauth-token.ts';
import { organizationQueueRoutes } from './routes/organization-queue.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { pageEventRoutes } from './routes/page-events.ts';
import { pingRoutes } from './routes/ping.ts';
import { planRoutes } from './routes/plans.ts';
import { projectRoutes } from './routes/projects.ts';
import { queueRoutes } from './routes/queue.ts';
import { rawQueuePath, rawQueueRoutes } from './routes/raw-queue.ts';
import { runActionRoutes } from './routes/run-actions.ts';
import { runEventRoutes } from './routes/run-events.ts';
import { runRoutes } from './routes/runs.ts';
import { serviceDiscoveryRoutes } from './routes/service-discovery.ts';
import { serviceTokenRoutes } from './routes/service-tokens.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { stateDownloadRoutes } from './routes/state-downloads.ts';
import { stateUploadRoutes } from './routes/state-uploads.ts';
import { stateVersionOutputRoutes } from './routes/state-version-outputs.ts';
import { stateVersionRoutes } from './routes/state-versions.ts';
import { tagRoutes } from './routes/tags.ts';
import { teamMemberRoutes } from './routes/team-members.ts';
import { teamRoutes } from './routes/teams.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { variableSetRoutes } from './routes/variable-sets.ts';
import { variableRoutes } from './routes/variables.ts';
import { waitRoutes } from './routes/waits.ts';
import { webPageRoutes } from './routes/web-page.ts';
import { workerRoutes } from './routes/worker.ts';
import { workerArtifactRoutes } from './routes/worker-artifacts.ts';
import { workerListRoutes } from './routes/workers.ts';
import { workspaceLinkRoutes } from './routes/workspace-links.ts';
import { workspaceLockRoutes } from './routes/workspace-locks.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

/** The whole HTTP side as one list. Does not listen yet; with `tls` it will with HTTPS. */
export async function buildApp(dependencies: Parts, tls?: TlsMaterial): Promise<FastifyInstance> {
  const app = Fastify({
    ...connectionLimits(dependencies.config, tls),
    loggerInstance: dependencies.logger,
    // Fastify's own lines hold the whole address; plugins/request-log.ts writes ours.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustedProxies(dependencies.config.trustProxy),
    genReqId: () => crypto.randomUUID(),
    frameworkErrors: answerRefusedPath,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(errorHandler);
  await app.register(requestLog);
  await app.register(plainRequests);
  await app.register(slowBodies);
  await app.register(jsonMediaType);
  await app.register(securityHeaders, dependencies);
  await app.register(cookie);
  await app.register(rateLimit, dependencies);
  await app.register(openApi, dependencies);

  await app.register(healthRoutes, dependencies);
  await app.register(serviceDiscoveryRoutes);
  await app.register(oauthTokenRoutes, dependencies);

  // Without a sign-in: what carries its right of access in its path, or needs none.
  await app.register(
    async (open) => {
      await open.register(jsonApiContentType);
      await open.register(refuseForeignPages, dependencies);
      await open.register(pingRoutes);
      await open.register(signInRoutes, dependencies);
      await open.register(logCapabilityRoutes, dependencies);
      await open.register(uploadRoutes, dependencies);
      await open.register(stateUploadRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );

  // With a sign-in: an API token or the page's session.
  await app.register(
    async (signedIn) => {
      await signedIn.register(loadShedding, dependencies);
      await signedIn.register(jsonApiContentType);
      await signedIn.register(authentication, dependencies);
      await signedIn.register(relayAfterWrites, dependencies);
      await signedIn.register(accountRoutes, dependencies);
      await signedIn.register(awsIdentityRoutes, dependencies);
      await signedIn.register(sessionRoutes, dependencies);
      await signedIn.register(tokenRoutes, dependencies);
      await signedIn.register(oauthAuthorizationRoutes, dependencies);
      await signedIn.register(organizationRoutes, dependencies);
      await signedIn.register(entitlementRoutes, dependencies);
      await signedIn.register(memberRoutes, dependencies);
      await signedIn.register(teamRoutes, dependencies);
      await signedIn.register(teamMemberRoutes, dependencies);
      await signedIn.register(serviceTokenRoutes, dependencies);
      await signedIn.register(auditRoutes, dependencies);
      await signedIn.register(projectRoutes, dependencies);
      await signedIn.register(workspaceRoutes, dependencies);
      await signedIn.register(workspaceLinkRoutes, dependencies);
      await signedIn.register(awsSessionRoutes, dependencies);
      await signedIn.register(tagRoutes, dependencies);
      await signedIn.register(workspaceLockRoutes, dependencies);
      await signedIn.register(variableRoutes, dependencies);
      await signedIn.register(variableSetRoutes, dependencies);
      await signedIn.register(notificationRoutes, dependencies);
      await signedIn.register(configurationVersionRoutes, dependencies);
      await signedIn.register(runRoutes, dependencies);
      await signedIn.register(organizationQueueRoutes, dependencies);
      await signedIn.register(runActionRoutes, dependencies);
      await signedIn.register(runEventRoutes, dependencies);
      await signedIn.register(commentRoutes, dependencies);
      await signedIn.register(planRoutes, dependencies);
      await signedIn.register(applyRoutes, dependencies);
      await signedIn.register(mfaRoutes, dependencies);
      await signedIn.register(awsCheckRoutes, dependencies);
      await signedIn.register(waitRoutes, dependencies);
      await signedIn.register(stateVersionRoutes, dependencies);
      await signedIn.register(newStateVersionRoutes, dependencies);
      await signedIn.register(stateDownloadRoutes, dependencies);
      await signedIn.register(stateVersionOutputRoutes, dependencies);
      await signedIn.register(queueRoutes, dependencies);
      await signedIn.register(workerListRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );

  // A scope of its own: long answers that must not be refused under load.
  await app.register(
    async (logs) => {
      await logs.register(authentication, dependencies);
      await logs.register(openStreams);
      await logs.register(logRoutes, dependencies);
      await logs.register(logSectionRoutes, dependencies);
      await logs.register(pageEventRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );

  // For workers, with the fleet's token or with that of one phase.
  await app.register(async (fleet) => void (await fleet.register(workerRoutes, dependencies)), {
    prefix: workerApiPath,
  });
  await app.register(async (job) => void (await job.register(workerArtifactRoutes, dependencies)), {
    prefix: workerApiPath,
  });
  await app.register(
    async (board) => {
      await board.register(authentication, dependencies);
      await board.register(rawQueueRoutes, dependencies);
    },
    { prefix: rawQueuePath },
  );
  await app.register(webPageRoutes, dependencies);
  return app;
}
