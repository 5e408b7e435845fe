import { type RedisAddress, redisOptions } from '@gatehouse/shared/redis';
import type { ConnectionOptions } from 'bullmq';

/** `retriesPerRequest` null: waits for a Redis that is away as long as it takes, which consumers must. */
export function bullmqConnection(address: RedisAddress, retriesPerRequest: number | null): ConnectionOptions {
  // The same options of the same ioredis; BullMQ's copy of the type differs only in how it writes "may be undefined".
  return {
    ...redisOptions(address),
    maxRetriesPerRequest: retriesPerRequest,
    retryStrategy: (times: number) => Math.min(times * 50, 1000),
  } as ConnectionOptions;
}
