import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createApiClient } from './api-client.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { type DevFile, removeDevFile, writeDevFile } from './dev-file.ts';
import { freePort, isPortFree } from './free-port.ts';
import { keepCredentials } from './kept-credentials.ts';
import { type Surroundings, startApi, startEmulator, startRedis, startWorker } from './processes.ts';
import { seedDemo } from './seed-demo.ts';
import type { Service } from './service.ts';

export type StackOptions = {
  dataDirectory: string;
  /** Of the page and the API. */
  port: number;
  /** Base of every process's environment, as `inheritedEnvironment` makes it. */
  environment: Record<string, string>;
  /** More for the api alone. */
  apiEnvironment?: Record<string, string>;
  /** More for each worker. */
  workerEnvironment?: Record<string, string>;
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
  services: { redis: Service; emulator: Service; api: Service; workers: readonly Service[] };
  /** One more worker on the same stack. */
  addWorker(environment?: Record<string, string>): Service;
  /** Starts the api again after it was ended; everything else goes on. */
  restartApi(): Promise<void>;
  /** Resolves, with a sentence, when a process ended that nobody stopped. */
  failed: Promise<string>;
  /** Ends everything in order: who uses another goes first. */
  stop(): Promise<void>;
};

/**
 * Starts a whole Gatehouse on one folder: a private Redis, the STS emulator, the api, workers, and the demo
 * organization. Starting again on the same folder keeps all data. Throws, with nothing left running, when another stack
 * has the folder or the port, or when a process does not become ready.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const data = await openDataDirectory(options.dataDirectory);
  const started: Service[] = [];
  let isStopping = false;
  async function stop(): Promise<void> {
    isStopping = true;
    for (const service of [...started].reverse()) await service.stop();
    await removeDevFile(data.path);
    await data.release();
  }
  try {
    return await startOn(data, options, started, stop, () => isStopping);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOn(
  data: DataDirectory,
  options: StackOptions,
  started: Service[],
  stop: () => Promise<void>,
  isStopping: () => boolean,
): Promise<Stack> {
  if (!(await isPortFree(options.port))) {
    throw new Error(`Port ${options.port} is in use. Set GATEHOUSE_PORT to another one.`);
  }
  const around: Surroundings = {
    environment: options.environment,
    logFolder: data.logs,
    onWarning: options.onWarning,
  };
  let tellFailure: (sentence: string) => void = () => undefined;
  const failed = new Promise<string>((resolve) => {
    tellFailure = resolve;
  });
  const watch = <Kind extends Service>(service: Kind): Kind => {
    started.push(service);
    void service.exited.then((how) => {
      if (!isStopping() && started.includes(service)) tellFailure(`${how}; its log is ${service.logFile}`);
    });
    return service;
  };

  const kept = await keepCredentials(data);
  const redisFolder = path.join(data.path, 'redis');
  await mkdir(redisFolder, { recursive: true, mode: 0o700 });
  const redis = watch(await startRedis(around, { socket: data.redisSocket, directory: redisFolder }));
  const redisUrl = `unix://${data.redisSocket}`;
  const stsPort = await freePort();
  const stsUrl = `http://127.0.0.1:${stsPort}`;
  const emulator = watch(await startEmulator(around, { url: stsUrl, port: stsPort, seedFile: kept.emulatorSeedFile }));

  const url = `http://127.0.0.1:${options.port}`;
  const shared = {
    REDIS_URL: redisUrl,
    GATEHOUSE_SEALING_KEY_FILE: kept.sealingKeyFile,
    GATEHOUSE_WORKER_TOKEN_FILE: kept.workerTokenFile,
  };
  const apiSettings = {
    ...shared,
    GATEHOUSE_HOST: '127.0.0.1',
    GATEHOUSE_PORT: String(options.port),
    GATEHOUSE_PUBLIC_URL: url,
    GATEHOUSE_DATA_DIR: path.join(data.path, 'api'),
    GATEHOUSE_BOOTSTRAP_FILE: kept.bootstrapFile,
    ...options.apiEnvironment,
  };
  let api = watch(await startApi(around, url, apiSettings));

  const workers: Service[] = [];
  function addWorker(environment: Record<string, string> = {}): Service {
    const name = workers.length === 0 ? 'worker' : `worker-${workers.length + 1}`;
    const worker = watch(
      startWorker(around, name, {
        ...shared,
        GATEHOUSE_API_URL: url,
        GATEHOUSE_WORK_DIR: data.work,
        GATEHOUSE_WORKER_NAME: name,
        GATEHOUSE_STS_ENDPOINT: stsUrl,
        // The demo's configuration may ask the emulator too, as a real one would ask AWS.
        GATEHOUSE_SANDBOX_FORWARDS: `sts=127.0.0.1:${stsPort}`,
        ...options.workerEnvironment,
        ...environment,
      }),
    );
    workers.push(worker);
    return worker;
  }
  for (let count = 0; count < (options.workers ?? 1); count++) addWorker();

  const { organization, workspace } = await seedDemo(createApiClient({ url, token: kept.token }), kept.emulated);
  const dev: DevFile = {
    url,
    organization,
    workspace,
    username: kept.username,
    password: kept.password,
    token: kept.token,
    stsUrl,
    ...kept.emulated,
    redisUrl,
    workerToken: kept.workerToken,
    pid: process.pid,
  };
  await writeDevFile(data.path, dev);

  return {
    url,
    dev,
    dataDirectory: data.path,
    logFolder: data.logs,
    services: {
      redis,
      emulator,
      get api() {
        return api;
      },
      workers,
    },
    addWorker,
    async restartApi() {
      // Out of the watched list first: this end was wanted.
      const place = started.indexOf(api);
      started.splice(place, 1);
      await api.stop();
      api = watch(await startApi(around, url, apiSettings));
      // Ended in the order of starting, reversed: the api still goes after the workers.
      started.splice(place, 0, ...started.splice(started.indexOf(api), 1));
    },
    failed,
    stop,
  };
}
