import { connect, createServer, type Server } from 'node:net';

/** Where a named forward leads on the worker's side: the operator's explicit configuration, not guarded further. */
export type ForwardTarget = { host: string; port: number } | { path: string };

/** A port on the sandbox's loopback that leads to one service outside. */
export interface Forward {
  /** Told in errors and used as the socket's file name: `[a-z0-9-]{1,32}`. */
  name: string;
  listenPort: number;
  target: ForwardTarget;
}

export function createForward(target: ForwardTarget): Server {
  return createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroy());
      one.pipe(other);
    }
  });
}
