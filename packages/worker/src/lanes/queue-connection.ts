import { redisOptions } from '@gatehouse/shared/redis';
import type { ConnectionOptions } from 'bullmq';

/** BullMQ's connection: it waits for a Redis that is away for as long as it takes. */
export function queueConnection(redisUrl: string): ConnectionOptions {
  // The same options of the same ioredis; BullMQ's copy of the type differs only in how it writes "may be undefined".
  return { ...redisOptions(redisUrl), maxRetriesPerRequest: null } as ConnectionOptions;
}
