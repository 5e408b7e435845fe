import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { readConfig } from './config.ts';
import { createDemoSeed } from './demo-seed.ts';
import { readSeed } from './seed.ts';
import { buildEmulator } from './server.ts';

try {
  const config = readConfig(process.env);
  if (!existsSync(config.seedPath)) {
    await writeFile(config.seedPath, `${JSON.stringify(createDemoSeed().seed, null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  }
  const { app } = buildEmulator({
    seed: await readSeed(config.seedPath),
    logger: pino({ level: config.logLevel }, pino.destination(2)),
    ...(config.controlToken === undefined ? {} : { controlToken: config.controlToken }),
  });
  const address = await app.listen({ host: config.host, port: config.port });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());
  process.stdout.write(`STS emulator listens on ${address}\n`);
} catch (error) {
  process.stderr.write(`STS emulator cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
