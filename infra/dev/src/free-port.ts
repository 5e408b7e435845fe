import { randomInt } from 'node:crypto';
import { createServer, type ListenOptions } from 'node:net';

/**
 * Below 32768, from where Linux takes the ports of outgoing connections: one of those could get the port in the seconds
 * until the service for which it was found listens on it, or listens again.
 */
const range = { lowest: 20_000, beyond: 32_768 };
const tries = 100;

/**
 * A port of 127.0.0.1 that was free a moment ago, that no outgoing connection takes, and that nobody else is given who
 * asks here, in this process or another of the machine, until this process ends.
 */
export async function freePort({ lowest, beyond } = range): Promise<number> {
  for (let tried = 0; tried < tries; tried++) {
    const port = randomInt(lowest, beyond);
    if ((await isPortFree(port)) && (await isKept(port))) return port;
  }
  throw new Error(`No port of 127.0.0.1 from ${lowest} to ${beyond - 1} seems to be free.`);
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = await listen({ port, host: '127.0.0.1' });
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** An abstract socket (unix(7)) in the port's name: one process at a time has it, and it goes with its process. */
async function isKept(port: number): Promise<boolean> {
  const server = await listen({ path: `\0gatehouse-port-${port}` });
  server?.unref();
  return server !== undefined;
}

/** Nothing where somebody else listens. */
function listen(options: ListenOptions) {
  return new Promise<ReturnType<typeof createServer> | undefined>((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(options, () => resolve(server));
  });
}
