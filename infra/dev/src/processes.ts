import { fileURLToPath } from 'node:url';
import { connectRedis } from '@gatehouse/shared/redis';
import { type Service, startService } from './service.ts';
import { waitUntilReady } from './wait-until-ready.ts';

// How each process of the stack is started, and when it counts as ready.

export type Surroundings = {
  environment: Record<string, string>;
  logFolder: string;
  onWarning: (line: string) => void;
};

const repository = fileURLToPath(new URL('../../..', import.meta.url));
// A program of this checkout runs from its source with the Node that runs the launcher.
// SIGUSR1 would open Node's inspector: a port on which anybody of this machine runs code in the process.
const program = (file: string) => [process.execPath, '--conditions=gatehouse-source', `${repository}${file}`] as const;
/**
 * Where Node keeps what it compiled and stripped of its types: the api starts in 0.8 s instead of 1.3 s. A folder that
 * cannot be written to is left alone by Node, without a word (https://nodejs.org/api/module.html#module-compile-cache).
 */
const compiled = { NODE_COMPILE_CACHE: `${repository}node_modules/.cache/node` };

export function startRedis(around: Surroundings, at: { socket: string; directory: string }): Promise<Service> {
  const settings = {
    port: '0',
    unixsocket: at.socket,
    unixsocketperm: '700',
    dir: at.directory,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    // A queue must not lose a job to make room.
    'maxmemory-policy': 'noeviction',
    // A stream takes this much for its first entry, 4 KiB by default, and each run that waits for a code has a log of two.
    'stream-node-max-bytes': '1024',
    daemonize: 'no',
    logfile: '',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return ready(startService({ name: 'redis', command: ['redis-server', ...flags], ...around }), () => pings(at.socket));
}

export function startEmulator(around: Surroundings, at: { url: string; port: number; seedFile: string }) {
  return ready(
    startService({
      name: 'sts-emulator',
      command: program('infra/sts-emulator/src/main.ts'),
      ...around,
      environment: {
        ...compiled,
        ...around.environment,
        STS_EMULATOR_PORT: String(at.port),
        STS_EMULATOR_SEED: at.seedFile,
      },
    }),
    () => answers(`${at.url}/_emulator/devices`),
  );
}

export function startApi(around: Surroundings, url: string, settings: Record<string, string>): Promise<Service> {
  return ready(
    startService({
      name: 'api',
      command: program('packages/api/src/main.ts'),
      ...around,
      environment: { ...compiled, ...around.environment, ...settings },
    }),
    () => answers(`${url}/readyz`),
  );
}

/**
 * A worker is ready when it has tried out its sandbox and takes jobs, which it says in its log. `prefix`: a command that
 * becomes the worker, such as one that enters another network first.
 */
export function startWorker(
  around: Surroundings,
  name: string,
  settings: Record<string, string>,
  prefix: readonly string[] = [],
): Promise<Service> {
  const [node, ...rest] = program('packages/worker/src/main.ts');
  const [first, ...others] = [...prefix, node];
  let isReady = false;
  return ready(
    startService({
      name,
      command: [first ?? node, ...others, ...rest],
      ...around,
      environment: { ...compiled, ...around.environment, GATEHOUSE_LOG_LEVEL: 'info', ...settings },
      onLine(line) {
        isReady ||= line.includes('"worker ready"');
      },
    }),
    async () => isReady,
  );
}

async function ready(service: Service, isReady: () => Promise<boolean>): Promise<Service> {
  try {
    await waitUntilReady(service, isReady);
    return service;
  } catch (error) {
    await service.kill();
    throw error;
  }
}

async function pings(socket: string): Promise<boolean> {
  const redis = connectRedis(`unix://${socket}`, { onError: () => undefined, name: 'readiness' });
  try {
    // While it still reads its file Redis answers PING with LOADING, which throws here.
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  return response.ok;
}
