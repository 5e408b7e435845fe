import { Redis, type RedisOptions } from 'ioredis';
import { GatehouseError } from './gatehouse-error.ts';

export type { Redis } from 'ioredis';

/** Where Redis is: `redis://…`, `rediss://…`, or `unix:///path/to/socket`. */
export type RedisAddress = string;

/**
 * Opens a connection of its own. `blocking` connections (BullMQ workers, subscribers) wait for Redis for ever; the
 * others give up after three reconnections, so that a request fails instead of hanging.
 * `onError` hears of each failed attempt: without a listener ioredis writes to stderr by itself.
 */
export function connectRedis(
  address: RedisAddress,
  options: { onError: (error: Error) => void; blocking?: boolean; name?: string },
): Redis {
  const all: RedisOptions & { replyMapping: 'legacy' } = {
    ...redisOptions(address),
    maxRetriesPerRequest: options.blocking ? null : 3,
    retryStrategy: (times) => Math.min(times * 50, 1000),
    ...(options.name === undefined ? {} : { connectionName: options.name }),
    replyMapping: 'legacy',
  };
  const redis = new Redis(all);
  redis.on('error', options.onError);
  return redis;
}

/** The options of BullMQ's `connection` for the same address. */
export function redisOptions(address: RedisAddress): RedisOptions {
  const url = parse(address);
  if (url.protocol === 'unix:') return { path: decodeURIComponent(url.pathname) };
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new GatehouseError(
      'internal',
      `REDIS_URL starts with redis://, rediss:// or unix:///; got "${url.protocol}//".`,
    );
  }
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function parse(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    // The address may hold a password: it is not repeated here.
    throw new GatehouseError(
      'internal',
      'REDIS_URL is not a URL such as redis://host:6379 or unix:///run/redis.sock.',
      {
        cause,
      },
    );
  }
}
