import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@gatehouse/dev/free-port';
import { connectRedis, type Redis } from '@gatehouse/shared/redis';
import { execa } from 'execa';
import { type RedisRelay, startRedisRelay } from './redis-relay.ts';

/** A Redis that the test may harm, behind a relay, and on demand a replica that takes its place. */
export type RelayedRedis = {
  /** Where api and workers reach it. */
  url: string;
  relay: RedisRelay;
  /** Straight to the one that is behind the relay now. */
  direct(): Redis;
  /** A replica that has everything; `detach` ends that, and what is written from then on it lacks. */
  replicate(): Promise<{ detach(): Promise<void>; takeOver(): void }>;
  stop(): Promise<void>;
};

export async function startRelayedRedis(): Promise<RelayedRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-relayed-'));
  const stops: (() => Promise<unknown>)[] = [];
  async function start(name: string, settings: readonly string[]): Promise<{ socket: string; redis: Redis }> {
    const socket = path.join(folder, `${name}.sock`);
    const files = ['--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction'];
    const child = execa('redis-server', ['--unixsocket', socket, ...files, ...settings], { reject: false });
    const redis = connectRedis(`unix://${socket}`, { name: 'harm', blocking: true, onError: () => undefined });
    await redis.ping();
    stops.push(async () => {
      redis.disconnect();
      child.kill('SIGKILL');
      await child;
    });
    return { socket, redis };
  }
  const port = await freePort();
  const first = await start('first', ['--port', String(port)]);
  const relay = await startRedisRelay(path.join(folder, 'relay.sock'));
  relay.leadTo(first.socket);
  let behind = first.redis;
  return {
    url: relay.url,
    relay,
    direct: () => behind,
    async replicate() {
      const second = await start('second', ['--port', '0', '--replicaof', '127.0.0.1', String(port)]);
      while (!/master_link_status:up/.test(await second.redis.info('replication'))) await second.redis.ping();
      return {
        async detach() {
          await first.redis.wait(1, 10_000);
          await second.redis.call('REPLICAOF', 'NO', 'ONE');
        },
        takeOver() {
          behind = second.redis;
          relay.leadTo(second.socket);
        },
      };
    },
    async stop() {
      await relay.close();
      for (const stop of stops) await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
