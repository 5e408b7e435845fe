import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { connectRedis, type Redis } from '@gatehouse/shared/redis';

export type RedisServer = {
  url: string;
  /** A connection of the test's own. */
  redis: Redis;
  connect(): Redis;
  /** Ends the process; the data stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** A Redis of the test's own on a unix socket, with its data on the disk so that it can be restarted. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghr-'));
  const socket = path.join(folder, 's');
  const url = `unix://${socket}`;
  const connections: Redis[] = [];
  let child: ChildProcessByStdio<null, Readable, null> | undefined;

  async function start(): Promise<void> {
    const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--save', ''];
    child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = child;
    await new Promise<void>((ready) => {
      stdout.on('data', (chunk) => {
        if (String(chunk).includes('eady to accept connections')) ready();
      });
    });
  }
  async function stop(): Promise<void> {
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    child = undefined;
  }
  function connect(): Redis {
    const redis = connectRedis(url, { onError: () => {} });
    connections.push(redis);
    return redis;
  }

  await start();
  return {
    url,
    redis: connect(),
    connect,
    start,
    stop,
    async close() {
      for (const redis of connections) redis.disconnect();
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
