import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type DataDirectory = {
  path: string;
  logs: string;
  /** Folder of the worker's runs; elsewhere when the sandbox's user could not reach it here. */
  work: string;
  /** Path of Redis's socket, short enough for the kernel. */
  redisSocket: string;
  /** A file that only the owner reads: made from `make` when missing, and kept for ever after. */
  keep(name: string, make: () => string): Promise<{ file: string; content: string }>;
  release(): Promise<void>;
};

/** A socket's path is part of a 108-byte structure (unix(7)); Redis exits on a longer one. */
const longestSocketPath = 100;
/** The worker keeps sockets of each run some folders below its own. */
const longestWorkPath = 60;

/**
 * Takes the folder for this process, making it when missing. Throws when another stack has it. The lock is a socket in
 * the kernel's abstract namespace: it goes with the process, however that ends, so no lock is ever stale.
 */
export async function openDataDirectory(wanted: string): Promise<DataDirectory> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const directory = await realpath(wanted);
  const unlock = await lock(directory);
  try {
    const removals: string[] = [];
    const secrets = path.join(directory, 'secrets');
    const logs = path.join(directory, 'logs');
    for (const folder of [secrets, logs]) await mkdir(folder, { recursive: true, mode: 0o700 });
    let redisSocket = path.join(directory, 'redis.sock');
    if (Buffer.byteLength(redisSocket) > longestSocketPath) {
      const short = await mkdtemp(path.join(tmpdir(), 'gatehouse-'));
      removals.push(short);
      redisSocket = path.join(short, 'redis.sock');
    }
    return {
      path: directory,
      logs,
      work: await workFolder(directory),
      redisSocket,
      keep: (name, make) => keepFile(path.join(secrets, name), make),
      async release() {
        for (const folder of removals) await rm(folder, { recursive: true, force: true });
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function lock(directory: string): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  const name = `\0gatehouse-stack-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(
        new Error(
          `Gatehouse is running already on ${directory}. Stop it first, or set GATEHOUSE_DATA_DIR to another folder (and GATEHOUSE_PORT to another port).`,
        ),
      );
    });
    server.listen({ path: name });
  });
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * A worker that runs as root drops the sandbox to another user, who has to be able to walk to the run's folder. Then the
 * data folder lets others through (not read), unless a folder above it does not: a home folder, mostly.
 */
async function workFolder(directory: string): Promise<string> {
  const inside = path.join(directory, 'work');
  const isRoot = process.getuid?.() === 0;
  const isReachable = !isRoot || (await othersMayPass(path.dirname(directory)));
  const folder = isReachable && Buffer.byteLength(inside) <= longestWorkPath ? inside : outsideFolder(directory);
  if (isRoot && folder === inside) await chmod(directory, 0o711);
  await mkdir(folder, { recursive: true });
  const { uid } = await lstat(folder);
  if (uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user: no run can be laid out in it.`);
  await chmod(folder, isRoot ? 0o711 : 0o700);
  return folder;
}

/** Always the same one for the same data, so that what a killed worker left is found again. */
function outsideFolder(directory: string): string {
  return path.join('/var/tmp', `gatehouse-work-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`);
}

async function othersMayPass(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return folder === '/' || othersMayPass(path.dirname(folder));
}

async function keepFile(file: string, make: () => string): Promise<{ file: string; content: string }> {
  try {
    return { file, content: await readFile(file, 'utf8') };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const content = make();
  await writePrivateFile(file, content);
  return { file, content };
}

/** Whole or not at all, and only its owner's: a half-written key would lock the data for ever. */
export async function writePrivateFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
