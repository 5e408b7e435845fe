import type { Redis, RedisAddress } from '@gatehouse/shared/redis';
import type { Sealer } from '@gatehouse/shared/seal';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { openPageEvents, type PageEvents } from '../queue/page-events.ts';
import { openRunChanges, type RunChanges } from '../queue/run-changes.ts';
import { openRunQueue, type RunQueue } from '../queue/run-queue.ts';
import type { Database } from '../store/database.ts';
import { performTask } from './perform-task.ts';
import { createOutboxRelay, type OutboxRelay } from './relay-outbox.ts';
import type { LoopLogger } from './start-loops.ts';

export type RunParts = { queue: RunQueue; changes: RunChanges; pageEvents: PageEvents; relay: OutboxRelay };

/** What the services of runs need besides the store: opened before the routes, closed after the loops. */
export function openRunParts(dependencies: {
  database: Database;
  redis: Redis;
  redisAddress: RedisAddress;
  sealer: Sealer;
  clock: Clock;
  blobs: BlobStore;
  settings: RunSettings;
  logger: LoopLogger;
}): RunParts & { close(): Promise<void> } {
  const { redis, redisAddress, logger } = dependencies;
  const onError = (error: Error) => logger.warn({ err: error }, 'redis');
  const queue = openRunQueue(redisAddress, dependencies.clock, onError);
  const changes = openRunChanges(redis, redisAddress, onError);
  const pageEvents = openPageEvents(redis, redisAddress, onError);
  const relay: OutboxRelay = createOutboxRelay({
    ...dependencies,
    perform: (runId, task) => performTask({ ...dependencies, queue, changes, pageEvents, relay }, runId, task),
    onFailure: (runId, kind, error) => logger.warn({ err: error, runId, kind }, 'an outbox task is tried again later'),
  });
  return {
    queue,
    changes,
    pageEvents,
    relay,
    async close() {
      await relay.close();
      await queue.close();
      changes.close();
      pageEvents.close();
    },
  };
}
