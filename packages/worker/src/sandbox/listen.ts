import { chmod, chown } from 'node:fs/promises';
import type { Server } from 'node:net';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';

export interface Identity {
  uid: number;
  gid: number;
}

/** `sun_path` of Linux, its closing NUL included. */
const maxSocketPathBytes = 108;

/**
 * Listens on a unix socket that only its owner may connect to: `owner`, or this process when undefined. Throws
 * `unavailable` when the path is too long for a socket.
 */
export async function listenOnSocket(server: Server, path: string, owner: Identity | undefined): Promise<void> {
  if (Buffer.byteLength(path) >= maxSocketPathBytes) {
    throw new GatehouseError('unavailable', `The socket path ${path} is longer than ${maxSocketPathBytes - 1} bytes`);
  }
  await listening(server, () => server.listen(path));
  await chmod(path, 0o600);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

/** Listens on loopback and returns the port; 0 lets the kernel choose. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  await listening(server, () => server.listen(port, '127.0.0.1'));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}

/** Makes a server closable at once: `close()` alone waits for the connections, of which a proxy has long-lived ones. */
export function closable(server: Server): () => Promise<void> {
  const sockets = new Set<{ destroy: () => void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
