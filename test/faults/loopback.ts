import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as NetServer } from 'node:net';

/** Has a server listen on a free port of the loopback, or of another address of this machine; `close` ends its connections, too. */
export async function listenOnLoopback(
  server: Server | NetServer,
  host = '127.0.0.1',
): Promise<{ port: number; close(): Promise<void> }> {
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
