import { randomBytes } from 'node:crypto';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { Resolve } from '@gatehouse/shared/address-guard';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { type ConnectProxyOptions, createConnectProxy } from './connect-proxy.ts';
import { type CredentialSource, credentialEndpoint } from './credential-endpoint.ts';
import { createForward, type Forward } from './forward.ts';
import { closable, type Identity, listenOnLoopback, listenOnSocket } from './listen.ts';
import { createResolver } from './resolve-names.ts';

/** Of the proxy, and of the credentials with it. Fixed, since each sandbox has a loopback of its own. */
export const proxyPort = 3128;

/** A port of the sandbox's loopback and the socket (file name in the run's socket folder) that it leads to. */
export interface Relayed {
  port: number;
  socket: string;
}

export interface Endpoints {
  proxyUrl: string;
  credentials: { url: string; token: Secret } | undefined;
  /** What the relay inside has to serve; empty without a network namespace. */
  relayed: readonly Relayed[];
  close: () => Promise<void>;
}

export interface EndpointOptions {
  egress: Omit<ConnectProxyOptions, 'resolve'>;
  /** All addresses of a name, for the proxy and the forwards. Default the machine's resolver, in processes of its own. */
  resolve: Resolve | undefined;
  forwards: readonly Forward[];
  credentials: CredentialSource | undefined;
}

/**
 * Connections of one run to one of them, idle ones too: a run may have thousands of descriptors, and all of them would be the
 * worker's as well. Above what the proxy carries, so that it can say why it refuses.
 */
const maxConnections = 512;

interface Service {
  name: string;
  port: number;
  server: Server;
}

/** Serves the run's ways out on unix sockets in `folder`, owned by the run's identity. */
export async function openSocketEndpoints(
  options: EndpointOptions & { folder: string; owner: Identity | undefined },
): Promise<Endpoints> {
  const { services, token, close } = createServices(options);
  try {
    for (const { name, server } of services) await listenOnSocket(server, join(options.folder, name), options.owner);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    credentials: token && { url: `http://127.0.0.1:${proxyPort}/credentials`, token },
    relayed: services.map(({ name, port }) => ({ port, socket: name })),
    close,
  };
}

/**
 * Serves them on the host's loopback, for mode `none`. Proxy and credentials get a port of the kernel's choice; a
 * forward needs its own port, so two runs with the same forward collide, unless it leads to that very port of the
 * loopback: then none is needed.
 */
export async function openLoopbackEndpoints(options: EndpointOptions): Promise<Endpoints> {
  const forwards = options.forwards.filter(
    ({ listenPort, target }) => !('port' in target && target.port === listenPort && isLoopback(target.host)),
  );
  const { services, token, close } = createServices({ ...options, forwards });
  const ports = new Map<string, number>();
  try {
    for (const { name, port, server } of services) {
      const chosen = name === 'proxy' ? 0 : port;
      ports.set(name, await listenOnLoopback(server, chosen));
    }
  } catch (cause) {
    await close();
    throw new GatehouseError('unavailable', 'A forward of this run could not listen on its loopback port', { cause });
  }
  return {
    proxyUrl: `http://127.0.0.1:${ports.get('proxy')}`,
    credentials: token && { url: `http://127.0.0.1:${ports.get('proxy')}/credentials`, token },
    relayed: [],
    close,
  };
}

function createServices({ egress, forwards, credentials, ...options }: EndpointOptions): {
  services: Service[];
  token: Secret | undefined;
  close: () => Promise<void>;
} {
  checkForwards(forwards);
  const token = credentials && randomBytes(32).toString('base64url');
  const own = credentials && token ? credentialEndpoint(credentials, token) : undefined;
  const closed = new AbortController();
  const resolve = options.resolve ?? createResolver({ signal: closed.signal });
  const proxy = createConnectProxy({ ...egress, resolve, own });
  const services: Service[] = [{ name: 'proxy', port: proxyPort, server: proxy }];
  for (const { name, listenPort, target } of forwards) {
    services.push({ name: `forward-${name}`, port: listenPort, server: createForward(target, { resolve }) });
  }
  // Beyond it the kernel's own answer: closed at once.
  for (const { server } of services) server.maxConnections = maxConnections;
  const closing = services.map(({ server }) => closable(server));
  return {
    services,
    token: token === undefined ? undefined : new Secret(token),
    async close() {
      closed.abort();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

function checkForwards(forwards: readonly Forward[]): void {
  const taken = new Set<string | number>([proxyPort]);
  for (const { name, listenPort } of forwards) {
    const fits =
      /^[a-z0-9-]{1,32}$/.test(name) && Number.isInteger(listenPort) && listenPort > 0 && listenPort < 65_536;
    if (!fits || taken.has(name) || taken.has(listenPort)) {
      throw new GatehouseError('invalid_request', `The forward "${name}" needs a plain name and a port of its own`);
    }
    taken.add(name).add(listenPort);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1';
}
