import { createServer, isIP, type Server, type Socket } from 'node:net';
import type { Resolve } from '@gatehouse/shared/address-guard';
import { connectTimeoutMs, dialFirst, join, type Place } from './tunnel.ts';

/** Where a named forward leads on the worker's side: the operator's explicit configuration, not guarded further. */
export type ForwardTarget = { host: string; port: number } | { path: string };

/** A port on the sandbox's loopback that leads to one service outside. */
export interface Forward {
  /** Told in errors and used as the socket's file name: `[a-z0-9-]{1,32}`. */
  name: string;
  listenPort: number;
  target: ForwardTarget;
}

export interface ForwardOptions {
  /** All addresses of the target's name; they are dialled in turn. */
  resolve: Resolve;
  /** For each of them. Default 10 s. */
  connectTimeoutMs?: number;
}

/** A connection whose target has no address, or does not answer in time, is closed. */
export function createForward(target: ForwardTarget, options: ForwardOptions): Server {
  return createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    openForward(client, target, options).catch(() => client.destroy());
  });
}

async function openForward(client: Socket, target: ForwardTarget, options: ForwardOptions): Promise<void> {
  const places = await placesOf(target, options.resolve);
  const upstream = await dialFirst(places, { client, timeoutMs: options.connectTimeoutMs ?? connectTimeoutMs });
  if (upstream === undefined) client.destroy();
  else join(client, upstream);
}

async function placesOf(target: ForwardTarget, resolve: Resolve): Promise<Place[]> {
  if ('path' in target || isIP(target.host) !== 0) return [target];
  const addresses = await resolve(target.host);
  return addresses.map((host) => ({ host, port: target.port }));
}
