import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';

/** Stands before Redis, where a network would: slow, cut, or leading to another Redis. */
export type RedisRelay = {
  url: string;
  /** Delays either direction from now on. */
  slow(delayMs: number): void;
  /** Cuts every connection, in the middle of whatever it says. */
  cut(): void;
  /** New connections go to the Redis of this socket; the ones that there are are cut. */
  leadTo(socketPath: string): void;
  close(): Promise<void>;
};

/** `target` undefined: whoever connects is cut at once, until `leadTo`. */
export async function startRedisRelay(socketPath: string): Promise<RedisRelay> {
  let target: string | undefined;
  let delayMs = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (target === undefined) {
      client.destroy();
      return;
    }
    const redis = createConnection(target);
    pass(client, redis);
    pass(redis, client);
  });

  function pass(from: Socket, to: Socket): void {
    open.add(from);
    from.on('data', (bytes) => {
      if (delayMs === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
  }
  function cut(): void {
    for (const socket of open) socket.destroy();
  }
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    url: `unix://${socketPath}`,
    slow(ms) {
      delayMs = ms;
    },
    cut,
    leadTo(socket) {
      target = socket;
      cut();
    },
    async close() {
      cut();
      server.close();
      await rm(socketPath, { force: true });
    },
  };
}
