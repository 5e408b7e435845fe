import path from 'node:path';
import { connectRedis } from '@gatehouse/shared/redis';
import { createSealer } from '@gatehouse/shared/seal';
import type { FastifyBaseLogger } from 'fastify';
import { openFileBlobStore } from '../blobs/file-blob-store.ts';
import { sealedBlobs } from '../blobs/sealed-blobs.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { defaultRunSettings, type RunSettings } from '../domain/run-settings.ts';
import { createLogHints } from '../logs/log-hints.ts';
import { deliverNotifications } from '../loops/deliver-notifications.ts';
import { openRunParts } from '../loops/open-run-parts.ts';
import type { SharedReads } from '../services/follow-phase-log.ts';
import { createHearing } from '../services/hearing.ts';
import { queueRunOfUpload } from '../services/queue-run-of-upload.ts';
import type { QueueRunOfUpload } from '../services/upload-configuration.ts';
import { openDatabase } from '../store/database.ts';
import { createWebhooks } from '../webhooks/post-webhook.ts';

/** Opens everything that routes and loops stand on. `close` is for after both have ended. */
export async function openParts(config: Config, { clock, logger }: { clock: Clock; logger: FastifyBaseLogger }) {
  const onError = (error: Error) => logger.warn({ err: error }, 'redis');
  const sealer = createSealer(config.sealingKey);
  const { database, close: closeDatabase } = openDatabase(path.join(config.dataDir, 'gatehouse.db'));
  // Plan artifacts arrive sealed by the worker, bound to their run; everything else is sealed here.
  const planArtifacts = await openFileBlobStore(path.join(config.dataDir, 'blobs'));
  const blobs = sealedBlobs(planArtifacts, sealer);
  const redis = connectRedis(config.redisUrl, { onError, name: 'api' });
  const subscriber = connectRedis(config.redisUrl, { onError, blocking: true, name: 'api-log-hints' });
  const settings = runSettings(config);
  const core = { config, database, redis, redisAddress: config.redisUrl, sealer, clock, blobs, settings, logger };
  const runParts = openRunParts(core);
  const { queue, changes, pageEvents } = runParts;
  const postWebhook = createWebhooks({ allow: config.notificationAllow });
  const notifications = deliverNotifications({ ...core, postWebhook, publicUrl: config.publicUrl });
  const relay = {
    ...runParts.relay,
    wake() {
      runParts.relay.wake();
      notifications.wake();
    },
  };
  const sharedReads: SharedReads = new Map();
  const queueRun: QueueRunOfUpload = (input) => queueRunOfUpload({ ...core, relay }, input);
  return {
    ...core,
    queue,
    changes,
    pageEvents,
    relay,
    notifications,
    postWebhook,
    queueRun,
    planArtifacts,
    publicUrl: config.publicUrl,
    workerTokens: [config.workerToken, ...config.otherWorkerTokens],
    logHints: createLogHints(subscriber),
    sharedReads,
    hearing: createHearing(),
    scratchFolder: path.join(config.dataDir, 'scratch'),
    async close(): Promise<void> {
      await notifications.close();
      await runParts.close();
      subscriber.disconnect();
      redis.disconnect();
      closeDatabase();
    },
  };
}

export type Parts = Omit<Awaited<ReturnType<typeof openParts>>, 'close'>;

function runSettings(config: Config): RunSettings {
  return {
    ...defaultRunSettings,
    publicUrl: config.publicUrl,
    mfaDeadlineMs: config.mfaDeadlineSeconds * 1000,
    mfaReminderMs: config.mfaReminderSeconds * 1000,
    mfaExtendBeforeMs: config.mfaExtendBeforeSeconds * 1000,
    mfaTries: config.mfaTries,
    mfaWrongCodesPerHour: config.mfaWrongCodesPerHour,
    phaseTimeoutMs: config.phaseTimeoutSeconds * 1000,
    logLimitBytes: config.logLimitBytes,
  };
}
