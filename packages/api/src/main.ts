import { logCrashes } from '@gatehouse/shared/log-crashes';
import { refuseDebugger } from '@gatehouse/shared/refuse-debugger';
import { openParts } from './app/open-parts.ts';
import { readTlsFiles, renewTls } from './app/tls-files.ts';
import { buildApp } from './app.ts';
import { systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { startLoops } from './loops/start-loops.ts';
import { bootstrapUser, readBootstrapFile } from './services/bootstrap-user.ts';

/** A client that keeps a connection open, or never sends its request, must not hold up a stop for longer (ms). */
const patienceMs = 5_000;

/** A second signal does not wait: whoever presses Ctrl-C twice means it. */
function onceToldToStop(stop: (signal: string) => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
}

const config = readConfig();
const { tls } = config;
// Before anything is opened, so that wrong files are told at once.
const tlsMaterial = tls && readTlsFiles(tls);
const logger = createLogger(config.logLevel);
logCrashes((error) => logger.fatal({ err: error }, 'ended by an error that nobody expected'));
refuseDebugger((message) => logger.warn(message));
const parts = await openParts(config, { clock: systemClock, logger });
if (config.bootstrapFile !== undefined) {
  const isNew = await bootstrapUser(parts, readBootstrapFile(config.bootstrapFile));
  if (isNew) logger.info('made the first site admin of GATEHOUSE_BOOTSTRAP_FILE');
}
const app = await buildApp(parts, tlsMaterial);
const loops = startLoops(parts);

onceToldToStop(async (signal) => {
  logger.info({ signal }, 'stopping');
  // Requests first: they may still write what the loops then relay.
  const cut = setTimeout(() => app.server.closeAllConnections(), patienceMs);
  await app.close();
  clearTimeout(cut);
  await loops.close();
  await parts.close();
});

if (tls !== undefined) process.on('SIGHUP', () => renewTls(app.server, tls, logger));
await app.listen({ host: config.host, port: config.port });
