import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import cookie from '@fastify/cookie';
import { newId } from '@gatehouse/shared/ids';
import { type Phase, type RunStatus, startedEvent } from '@gatehouse/shared/run-status';
import { createSealer } from '@gatehouse/shared/seal';
import { Secret } from '@gatehouse/shared/secret';
import { eq } from 'drizzle-orm';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { openFileBlobStore } from '../src/blobs/file-blob-store.ts';
import { sealedBlobs } from '../src/blobs/sealed-blobs.ts';
import { defaultRunSettings } from '../src/domain/run-settings.ts';
import { createLogHints } from '../src/logs/log-hints.ts';
import { authentication } from '../src/plugins/authentication.ts';
import { errorHandler } from '../src/plugins/error-handler.ts';
import { jsonApiContentType } from '../src/plugins/json-api-content-type.ts';
import { configurationVersionRoutes } from '../src/routes/configuration-versions.ts';
import { logCapabilityRoutes } from '../src/routes/log-capabilities.ts';
import { logRoutes } from '../src/routes/logs.ts';
import { newStateVersionRoutes } from '../src/routes/new-state-versions.ts';
import { stateDownloadRoutes } from '../src/routes/state-downloads.ts';
import { stateUploadRoutes } from '../src/routes/state-uploads.ts';
import { stateVersionOutputRoutes } from '../src/routes/state-version-outputs.ts';
import { stateVersionRoutes } from '../src/routes/state-versions.ts';
import { uploadRoutes } from '../src/routes/uploads.ts';
import { workerArtifactRoutes } from '../src/routes/worker-artifacts.ts';
import { createApiToken } from '../src/services/create-api-token.ts';
import type { SharedReads } from '../src/services/follow-phase-log.ts';
import { issueJobToken } from '../src/services/job-token.ts';
import type { QueueRunOfUpload } from '../src/services/upload-configuration.ts';
import { insertConfigurationVersion } from '../src/store/configuration-versions.ts';
import { inTransaction, openDatabase } from '../src/store/database.ts';
import { addHistory } from '../src/store/history.ts';
import { createOrganization } from '../src/store/organizations.ts';
import { insertPhases, updatePhase } from '../src/store/phases.ts';
import { insertRun } from '../src/store/runs.ts';
import { runs } from '../src/store/schema/runs.ts';
import { insertUser } from '../src/store/users.ts';
import { createWorkspace, newWorkspaceSettings } from '../src/store/workspaces.ts';
import { startKillableRedis } from './killable-redis.ts';

/** Everything that handles bytes, on real parts, listening on a port of its own: clients of these routes stream. */
export async function startBytesApi() {
  const redisServer = await startKillableRedis();
  const { redis } = redisServer;
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-bytes-'));
  const { database, close: closeDatabase } = openDatabase(':memory:');
  const sealer = createSealer(new Secret(randomBytes(32).toString('base64url')));
  const blobFolder = path.join(directory, 'blobs');
  const planArtifacts = await openFileBlobStore(blobFolder);
  let now = new Date('2026-03-01T12:00:00Z');
  const queuedRuns: Parameters<QueueRunOfUpload>[0][] = [];
  const dependencies = {
    database,
    redis,
    sealer,
    clock: { now: () => now },
    planArtifacts,
    blobs: sealedBlobs(planArtifacts, sealer),
    logHints: createLogHints(redisServer.subscriber),
    sharedReads: new Map() satisfies SharedReads,
    scratchFolder: path.join(directory, 'scratch'),
    publicUrl: '',
    settings: { ...defaultRunSettings, publicUrl: '' },
    queueRun: async (run: Parameters<QueueRunOfUpload>[0]) => void queuedRuns.push(run),
  };
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(errorHandler);
  await app.register(cookie);
  await app.register(
    async (scope) => {
      await scope.register(jsonApiContentType);
      await scope.register(uploadRoutes, dependencies);
      await scope.register(stateUploadRoutes, dependencies);
      await scope.register(logCapabilityRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );
  await app.register(
    async (scope) => {
      await scope.register(jsonApiContentType);
      await scope.register(authentication, { database, clock: dependencies.clock, publicUrl: 'http://localhost' });
      await scope.register(configurationVersionRoutes, dependencies);
      await scope.register(stateVersionRoutes, dependencies);
      await scope.register(newStateVersionRoutes, dependencies);
      await scope.register(stateDownloadRoutes, dependencies);
      await scope.register(stateVersionOutputRoutes, dependencies);
      await scope.register(logRoutes, dependencies);
    },
    { prefix: '/api/v2' },
  );
  await app.register(async (scope) => void (await scope.register(workerArtifactRoutes, dependencies)), {
    prefix: '/api/worker/v1',
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  dependencies.publicUrl = url;

  async function person(username: string) {
    const by = { actor: { userId: null, username: 'test' }, organization: null };
    const values = { username, passwordHash: null, isSiteAdmin: false };
    const user = inTransaction(database, (transaction) => insertUser(transaction, values, by, now));
    const actor = { userId: user.id, username, isSiteAdmin: false, via: 'token' } as const;
    const { token } = await createApiToken(dependencies, actor, { description: 'test', expiresAt: null });
    await createOrganization(database, actor, { name: `${username}-org`, email: 'a@example.com' }, now);
    return { actor, organization: `${username}-org`, headers: { authorization: `Bearer ${token.reveal()}` } };
  }
  const owner = await person('olga');
  const stranger = await person('sam');

  let count = 0;
  async function workspace(of = owner) {
    const settings = { ...newWorkspaceSettings, name: `ws-${++count}` };
    return createWorkspace(database, of.actor, { organization: of.organization, settings }, now);
  }

  /** A run whose phase a worker is in the middle of, and the worker's token. */
  async function run(options: { workspaceId?: string; phase?: Phase } = {}) {
    const { phase = 'plan' } = options;
    const workspaceId = options.workspaceId ?? (await workspace()).id;
    const configurationVersionId = await insertConfigurationVersion(database, {
      workspaceId,
      speculative: false,
      autoQueueRuns: false,
      provisional: false,
      createdBy: null,
      createdAt: now,
    });
    const id = newId('run', now.getTime());
    const claimId = newId('claim');
    inTransaction(database, (transaction) => {
      insertRun(transaction, {
        id,
        organization: owner.organization,
        workspaceId,
        configurationVersionId,
        targetAddrs: [],
        replaceAddrs: [],
        mfaLevel: 'never',
        terraformVersion: 'latest',
        workingDirectory: '',
        sessionDurationSeconds: 3600,
        awsDelivery: 'endpoint',
        sealedVariables: '',
        createdByName: 'olga',
        createdAt: now,
      });
      insertPhases(transaction, id, now);
      updatePhase(transaction, id, phase, { claimId, startedAt: now });
      const [from, to] =
        phase === 'plan' ? (['plan_queued', 'planning'] as const) : (['apply_queued', 'applying'] as const);
      addHistory(transaction, { runId: id, event: startedEvent[phase], from, to, at: now, by: 'worker-1' });
    });
    setStatus(id, phase === 'plan' ? 'planning' : 'applying');
    const expiresAt = new Date(now.getTime() + 3600_000);
    const jobToken = await issueJobToken(dependencies, { runId: id, phase, claimId, expiresAt });
    return { id, phase, workspaceId, configurationVersionId, job: { authorization: `Bearer ${jobToken}` } };
  }

  function setStatus(runId: string, status: RunStatus): void {
    database.update(runs).set({ status }).where(eq(runs.id, runId)).run();
  }

  return {
    ...dependencies,
    app,
    url,
    redisServer,
    blobFolder,
    queuedRuns,
    owner,
    stranger,
    workspace,
    run,
    setStatus,
    advance: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    /** Every byte that lies in the folders of the blobs and of the checks. */
    async allStoredBytes(): Promise<Buffer> {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
      return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
    },
    async close(): Promise<void> {
      const closing = app.close();
      // A connection that a client has opened and not used yet is not idle to Node, which then waits for its first request.
      const impatient = setTimeout(() => app.server.closeAllConnections(), 1000);
      await closing;
      clearTimeout(impatient);
      closeDatabase();
      await redisServer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type BytesApi = Awaited<ReturnType<typeof startBytesApi>>;
