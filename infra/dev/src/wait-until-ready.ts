import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.ts';

/**
 * Asks `isReady` until it says yes. Throws at once when the service ends meanwhile, or when it is not ready in time; the
 * message carries the end of its log, since that is what the reader would look for next.
 */
export async function waitUntilReady(
  service: Service,
  isReady: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (service.hasExited()) throw new Error(`${await service.exited}.\n${await endOfLog(service)}`);
    if (await isReady().catch(() => false)) return;
    await delay(25);
  }
  throw new Error(`${service.name} was not ready within ${timeoutMs / 1000} s.\n${await endOfLog(service)}`);
}

async function endOfLog(service: Service): Promise<string> {
  const text = await readFile(service.logFile, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n').slice(-15).join('\n');
  return `The end of ${service.logFile}:\n${lines}`;
}
