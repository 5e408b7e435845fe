import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where a process's Redis is: the real one, until the process dies. */
export type RedisPlug = { address: string; pull(): void; close(): Promise<void> };

/**
 * The way of one process to Redis. Once it is pulled nothing that the process has begun reaches the real one any more, as
 * if the process were killed; what is left of it finds another Redis, in which it can end in peace.
 */
export async function openRedisPlug(
  file: string,
  { real, limbo }: { real: string; limbo: string },
): Promise<RedisPlug> {
  let target = real;
  const sockets = new Set<Socket>();
  let isClosed = false;
  const server = createServer((near) => {
    // One that comes late would keep the server from closing.
    if (isClosed) {
      near.destroy();
      return;
    }
    const far = connect(new URL(target).pathname);
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(file);
  await once(server, 'listening');
  return {
    address: `unix://${file}`,
    pull() {
      target = limbo;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
