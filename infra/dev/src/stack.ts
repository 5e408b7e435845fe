import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createApiClient } from './api-client.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { type DevFile, removeDevFile, writeDevFile } from './dev-file.ts';
import { freePort, isPortFree } from './free-port.ts';
import { type KeptCredentials, keepCredentials } from './kept-credentials.ts';
import { type Surroundings, startApi, startEmulator, startRedis, startWorker } from './processes.ts';
import { seedDemo } from './seed-demo.ts';
import type { Service } from './service.ts';
import { createServiceGroup, type ServiceGroup } from './service-group.ts';

export type StackOptions = {
  dataDirectory: string;
  /** Of the page and the API. Default: a free one. */
  port?: number;
  /** Address that the api listens on, and has in its URL. Default 127.0.0.1. */
  host?: string;
  /**
   * Files for HTTPS; then the address is `https://localhost:port`. `caFile` is given to the workers as one that they
   * trust. Whoever starts the stack has to trust it by its own means: seeding asks the api from this process.
   */
  tls?: { certFile: string; keyFile: string; caFile: string };
  /** Base of every process's environment, as `inheritedEnvironment` makes it. */
  environment: Record<string, string>;
  /** More for the api alone. */
  apiEnvironment?: Record<string, string>;
  /** More for each worker. */
  workerEnvironment?: Record<string, string>;
  /** A command that becomes each worker, such as one that enters another network first. */
  workerPrefix?: readonly string[];
  /** Default 1. */
  workers?: number;
  /** Hears what the processes warn of. */
  onWarning: (line: string) => void;
};

export type Stack = {
  url: string;
  dev: DevFile;
  dataDirectory: string;
  logFolder: string;
  /** Where workers keep the folders of runs. */
  workFolder: string;
  services: { redis: Service; emulator: Service; api: Service; workers: readonly Service[] };
  /** One more worker on the same stack. */
  addWorker(environment?: Record<string, string>): Promise<Service>;
  /** Ends the api and starts it again; everything else goes on. */
  restartApi(how?: Restart): Promise<void>;
  /** The same with Redis; its data stay unless `meanwhile` takes them. */
  restartRedis(how?: Restart): Promise<void>;
  /** Resolves, with a sentence, when a process ended that nobody stopped. */
  failed: Promise<string>;
  /** Ends everything in order. */
  stop(): Promise<void>;
  /** Makes a `stop` that takes long a short one. */
  kill(): void;
};

export type Restart = {
  /** Ends it by SIGKILL instead of SIGTERM. */
  isKilled?: boolean;
  /** Happens while it is away. */
  meanwhile?: () => Promise<void>;
  /** What its environment has more from now on; for the api only. */
  environment?: Record<string, string>;
};

/** A worker interrupts terraform after this; terraform may then finish what it is at. */
const drainSeconds = 10;
const stopGraceMs = 40_000;

/**
 * Starts a whole Gatehouse on one folder: a private Redis, the STS emulator, the api, workers, and the demo
 * organization. Starting again on the same folder keeps all data. Throws, with nothing left running, when another stack
 * has the folder or the port, or when a process does not become ready.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const data = await openDataDirectory(options.dataDirectory);
  const group = createServiceGroup(stopGraceMs);
  async function stop(): Promise<void> {
    await group.stopAll();
    await removeDevFile(data.path);
    await data.release();
  }
  try {
    return { ...(await startServices(data, group, options)), failed: group.failed, stop, kill: group.killAll };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServices(
  data: DataDirectory,
  group: ServiceGroup,
  options: StackOptions,
): Promise<Omit<Stack, 'failed' | 'stop' | 'kill'>> {
  const port = options.port ?? (await freePort());
  if (!(await isPortFree(port))) throw new Error(`Port ${port} is in use. Set GATEHOUSE_PORT to another one.`);
  const stsPort = await freePort();
  const { host = '127.0.0.1' } = options;
  const urls = {
    api: options.tls === undefined ? `http://${host}:${port}` : `https://localhost:${port}`,
    sts: `http://127.0.0.1:${stsPort}`,
    redis: `unix://${data.redisSocket}`,
  };
  const around = { environment: options.environment, logFolder: data.logs, onWarning: options.onWarning };
  const kept = await keepCredentials(data);

  let redis = group.add(await startOwnRedis(around, data), 'foundations');
  const seedFile = kept.emulatorSeedFile;
  const emulator = group.add(await startEmulator(around, { url: urls.sts, port: stsPort, seedFile }), 'foundations');
  const { tls } = options;
  const apiTls = tls && { GATEHOUSE_TLS_CERT_FILE: tls.certFile, GATEHOUSE_TLS_KEY_FILE: tls.keyFile };
  let apiSettings: Record<string, string> = {
    ...settingsOfApi(data, kept, urls, port),
    GATEHOUSE_HOST: host,
    ...apiTls,
    ...options.apiEnvironment,
  };
  let api = group.add(await startApi(around, urls.api, apiSettings), 'api');

  const workers: Service[] = [];
  async function addWorker(environment: Record<string, string> = {}): Promise<Service> {
    const name = workers.length === 0 ? 'worker' : `worker-${workers.length + 1}`;
    const settings = settingsOfWorker(data, kept, urls, stsPort);
    const all = {
      ...settings,
      ...(tls && { NODE_EXTRA_CA_CERTS: tls.caFile }),
      GATEHOUSE_WORKER_NAME: name,
      ...options.workerEnvironment,
      ...environment,
    };
    const worker = await startWorker(around, name, all, options.workerPrefix);
    workers.push(worker);
    return group.add(worker, 'workers');
  }
  for (let count = 0; count < (options.workers ?? 1); count++) await addWorker();

  const names = await seedDemo(createApiClient({ url: urls.api, token: kept.token }), kept.emulated);
  const { username, password, token, workerToken } = kept;
  const reach = { url: urls.api, ...names, username, password, token, stsUrl: urls.sts, ...kept.emulated };
  const dev: DevFile = { ...reach, redisUrl: urls.redis, workerToken, pid: process.pid };
  await writeDevFile(data.path, dev);
  return {
    url: urls.api,
    dev,
    dataDirectory: data.path,
    logFolder: data.logs,
    workFolder: data.work,
    services: {
      get redis() {
        return redis;
      },
      emulator,
      get api() {
        return api;
      },
      workers,
    },
    addWorker,
    async restartApi(how = {}) {
      await group.dismiss(api, how.isKilled);
      await how.meanwhile?.();
      apiSettings = { ...apiSettings, ...how.environment };
      api = group.add(await startApi(around, urls.api, apiSettings), 'api');
    },
    async restartRedis(how = {}) {
      await group.dismiss(redis, how.isKilled);
      await how.meanwhile?.();
      redis = group.add(await startOwnRedis(around, data), 'foundations');
    },
  };
}

async function startOwnRedis(around: Surroundings, data: DataDirectory): Promise<Service> {
  const directory = path.join(data.path, 'redis');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return startRedis(around, { socket: data.redisSocket, directory });
}

type Urls = { api: string; sts: string; redis: string };

function settingsOfApi(data: DataDirectory, kept: KeptCredentials, urls: Urls, port: number): Record<string, string> {
  return {
    ...sharedSettings(kept, urls),
    GATEHOUSE_PORT: String(port),
    GATEHOUSE_PUBLIC_URL: urls.api,
    GATEHOUSE_DATA_DIR: path.join(data.path, 'api'),
    GATEHOUSE_BOOTSTRAP_FILE: kept.bootstrapFile,
  };
}

function settingsOfWorker(data: DataDirectory, kept: KeptCredentials, urls: Urls, stsPort: number) {
  return {
    ...sharedSettings(kept, urls),
    GATEHOUSE_API_URL: urls.api,
    GATEHOUSE_WORK_DIR: data.work,
    GATEHOUSE_STS_ENDPOINT: urls.sts,
    // A configuration asks the emulator where a real one would ask AWS, and a sandbox reaches nothing that is not named.
    GATEHOUSE_SANDBOX_FORWARDS: `sts=127.0.0.1:${stsPort}`,
    GATEHOUSE_DRAIN_SECONDS: String(drainSeconds),
  };
}

function sharedSettings(kept: KeptCredentials, urls: Urls): Record<string, string> {
  return {
    REDIS_URL: urls.redis,
    GATEHOUSE_SEALING_KEY_FILE: kept.sealingKeyFile,
    GATEHOUSE_WORKER_TOKEN_FILE: kept.workerTokenFile,
  };
}
