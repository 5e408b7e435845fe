import { createConnection, createServer } from 'node:net';
import { listenOnLoopback } from './loopback.ts';

/** Leads from an address of the other network to a port of the loopback that is only known later. */
export async function relayFrom(
  host: string,
): Promise<{ url: string; leadTo(port: number): void; close(): Promise<void> }> {
  let target = 0;
  const server = createServer((client) => {
    const service = createConnection(target, '127.0.0.1');
    client.on('error', () => service.destroy()).pipe(service);
    service.on('error', () => client.destroy()).pipe(client);
  });
  const { port, close } = await listenOnLoopback(server, host);
  return {
    url: `http://${host}:${port}`,
    leadTo(to) {
      target = to;
    },
    close,
  };
}
