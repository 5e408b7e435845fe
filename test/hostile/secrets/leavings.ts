import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { connectRedis, type Redis } from '@gatehouse/shared/redis';
import type { Leaving } from './search.ts';

// Where a secret could have got to.

/** Every file below a folder, but what stands in `except`. */
export async function filesIn(place: string, folder: string, except: readonly string[] = []): Promise<Leaving[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((name) => !except.some((one) => name.startsWith(path.join(folder, one))));
  const read = async (name: string) => ({
    place,
    name: path.relative(folder, name),
    bytes: await readFile(name).catch(() => Buffer.alloc(0)),
  });
  return Promise.all(names.map(read));
}

/** Command lines and environments of every process there is, of whoever it is. */
export async function processesNow(moment: string): Promise<Leaving[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const files = pids.flatMap((pid) => ['cmdline', 'environ'].map((file) => `/proc/${pid}/${file}`));
  const read = async (file: string) => ({
    place: 'processes',
    name: `${moment}: ${file.split('/').at(-1)} of ${await nameOf(file)}`,
    // One that has ended meanwhile, or is not ours to read, has nothing to tell.
    bytes: await readFile(file).catch(() => Buffer.alloc(0)),
  });
  return Promise.all(files.map(read));
}

async function nameOf(file: string): Promise<string> {
  return (await readFile(path.join(path.dirname(file), 'comm'), 'utf8').catch(() => 'somebody')).trim();
}

/** Hears every command that Redis is sent, messages to subscribers among them. */
export async function hearRedis(address: string): Promise<{ leaving(): Leaving; stop(): void }> {
  const lines: string[] = [];
  const redis = connectRedis(address, { onError: () => undefined, name: 'ear' });
  const monitor = await redis.monitor();
  monitor.on('error', () => undefined);
  monitor.on('monitor', (_time: string, args: string[]) => lines.push(args.join('\n')));
  return {
    leaving: () => ({ place: 'what Redis was sent', name: 'MONITOR', bytes: Buffer.from(lines.join('\n')) }),
    stop() {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}

/** Every key of Redis with all that is in it. */
export async function keysOfRedis(address: string): Promise<Leaving[]> {
  const redis = connectRedis(address, { onError: () => undefined, name: 'reader' });
  try {
    const keys = await redis.keys('*');
    return await Promise.all(
      keys.map(async (name) => ({
        place: 'keys of Redis',
        name,
        bytes: Buffer.from(JSON.stringify([name, await contentOf(redis, name)])),
      })),
    );
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'string') return redis.get(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'set') return redis.smembers(key);
  if (type === 'zset') return redis.zrange(key, '0', '-1');
  return type === 'stream' ? redis.xrange(key, '-', '+') : undefined;
}

/** A process and all that it started, and what those did. */
export async function familyOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const read = (task: string) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '');
  const children = (await Promise.all(tasks.map(read))).join(' ').split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}

/** Name of a process, and how large its core file may get: in bytes, or `unlimited`. */
export async function coreLimitOf(pid: number): Promise<[string, string]> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const limit = /^Max core file size +(\S+)/m.exec(limits)?.[1] ?? 'gone';
  return [`${await nameOf(`/proc/${pid}/limits`)} (${pid})`, limit];
}
