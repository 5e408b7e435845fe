import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below 32768, from where Linux takes the ports of outgoing connections: one of those could get the port in the seconds
 * until the service for which it was found listens on it, or listens again.
 */
const lowest = 20_000;
const beyond = 32_768;
const tries = 100;

/** A port of 127.0.0.1 that was free a moment ago, and that no outgoing connection takes. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < tries; tried++) {
    const port = randomInt(lowest, beyond);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No port of 127.0.0.1 from ${lowest} to ${beyond - 1} seems to be free.`);
}

export async function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve()));
  });
}
