import { mkdir } from 'node:fs/promises';
import { logCrashes } from '@gatehouse/shared/log-crashes';
import { refuseDebugger } from '@gatehouse/shared/refuse-debugger';
import { type Config, readConfig } from './config.ts';
import { startWorker } from './lanes/start-worker.ts';
import { createLogger } from './lanes/worker-logger.ts';
import { refuseCoreFiles } from './sandbox/refuse-core-files.ts';
import { selfTest } from './sandbox/self-test.ts';

const config = settingsOrExit();
const logger = createLogger(config.logLevel, config.name);
logCrashes((error) => logger.fatal({ err: error }, 'ended by an error that nobody expected'));
refuseCoreFiles();
refuseDebugger((message) => logger.warn(message));
await mkdir(config.workDir, { recursive: true, mode: 0o711 });

if (config.sandbox.mode === 'none') {
  logger.warn('GATEHOUSE_SANDBOX=none: terraform runs WITHOUT A SANDBOX and can do whatever this worker can');
} else {
  const { providerMirror } = config.sandbox;
  const tested = await selfTest({
    mode: config.sandbox.mode,
    identity: config.sandbox.identity,
    ...(providerMirror === undefined ? {} : { providerMirror }),
  });
  if (!tested.ok) {
    logger.fatal(`this worker takes no runs, because it cannot sandbox them: ${tested.reason}`);
    process.exit(1);
  }
}

const worker = await startWorker(config, logger).catch((error: unknown) => {
  logger.fatal({ err: error }, 'this worker cannot start');
  process.exit(1);
});
logger.info(
  { workerId: worker.workerId, sandbox: config.sandbox.mode, concurrency: config.concurrency },
  'worker ready',
);

let signals = 0;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    signals++;
    if (signals === 1) {
      logger.info('draining: no new work is taken');
      worker.drain().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    } else {
      const mode = signals === 2 ? 'interrupt' : 'kill';
      logger.warn(`stopping all phases (${mode})`);
      worker.stopPhases(mode);
    }
  });
}

/** Before there is a logger, a plain sentence is what an operator can use. */
function settingsOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'The settings cannot be read.'}\n`);
    process.exit(1);
  }
}
