import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectRedis } from '@gatehouse/shared/redis';

/** A Redis of the test's own that can die like a real one. It keeps its data (AOF, every write) over a restart. */
export async function startKillableRedis() {
  const directory = await mkdtemp(path.join(tmpdir(), 'gh-redis-'));
  const address = `unix://${path.join(directory, 's')}`;
  const start = () =>
    spawn(
      'redis-server',
      ['--port', '0', '--unixsocket', path.join(directory, 's'), '--dir', directory, '--save', ''].concat([
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
      ]),
      { stdio: 'ignore' },
    );
  let child = start();
  // Waits for ever, as the readers' own poll would ask again anyway.
  const redis = connectRedis(address, { onError: () => undefined, blocking: true });
  const subscriber = connectRedis(address, { onError: () => undefined, blocking: true });
  await redis.ping();

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  return {
    address,
    redis,
    subscriber,
    kill: () => end('SIGKILL'),
    restart: async () => {
      child = start();
      await redis.ping();
    },
    async stop(): Promise<void> {
      redis.disconnect();
      subscriber.disconnect();
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
