import { EventEmitter } from 'node:events';
import { connectRedis, type Redis, type RedisAddress } from '@gatehouse/shared/redis';

/** Redis channel of the hints that a run has changed: `<run id> <version>`. Hints may get lost; readers poll as well. */
export const runChangesChannel = 'run-changes';

/** Who waits for a run hears here that it changed, in this process at once and in the others through Redis. */
export type RunChanges = {
  /** In this process only, at once. */
  notify(runId: string): void;
  /** For the other processes. */
  publish(runId: string, version: number): Promise<void>;
  /** Calls `listener` on each hint for the run; the answer ends it. */
  subscribe(runId: string, listener: () => void): () => void;
  close(): void;
};

export function openRunChanges(redis: Redis, address: RedisAddress, onError: (error: Error) => void): RunChanges {
  const emitter = new EventEmitter().setMaxListeners(0);
  const subscriber = connectRedis(address, { onError, blocking: true, name: 'api-run-changes' });
  subscriber.on('message', (_channel: string, message: string) => emitter.emit(message.split(' ')[0] ?? ''));
  // ioredis subscribes again after each reconnection; a first failure is only that Redis is not there yet.
  subscriber.subscribe(runChangesChannel).catch(onError);
  return {
    notify: (runId) => void emitter.emit(runId),
    async publish(runId, version) {
      await redis.publish(runChangesChannel, `${runId} ${version}`);
    },
    subscribe(runId, listener) {
      emitter.on(runId, listener);
      return () => emitter.off(runId, listener);
    },
    close: () => subscriber.disconnect(),
  };
}
