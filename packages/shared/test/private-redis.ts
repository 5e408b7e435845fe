import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { connectRedis, type Redis } from '../src/redis.ts';

export type PrivateRedis = { address: string; redis: Redis; stop(): Promise<void> };

/** A Redis of the test's own on a unix socket. */
export async function startPrivateRedis(): Promise<PrivateRedis> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-redis-'));
  const socket = path.join(directory, 's');
  const child = execa('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''], {
    reject: false,
    cleanup: true,
  });
  const address = `unix://${socket}`;
  const redis = connectRedis(address, { onError: () => undefined, blocking: true });
  await redis.ping();
  return {
    address,
    redis,
    async stop() {
      redis.disconnect();
      child.kill('SIGTERM');
      await child;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
