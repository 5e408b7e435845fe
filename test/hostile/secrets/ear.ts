import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands in a line and hears all that goes over it, so that a test knows secrets which nobody else is told. */
export type Ear = {
  url: string;
  port: number;
  leadTo(url: string): void;
  /** All that was said, in both directions. */
  heard(): string;
  close(): Promise<void>;
};

export async function startEar(): Promise<Ear> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  let target = new URL('http://127.0.0.1:9');
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => chunks.push(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    leadTo(url) {
      target = new URL(url);
    },
    heard: () => Buffer.concat(chunks).toString('latin1'),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
