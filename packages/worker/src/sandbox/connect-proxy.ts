import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  type AllowList,
  formatDestination,
  judgeDestination,
  parseDestination,
  type Resolve,
} from '@gatehouse/shared/address-guard';
import { connectTimeoutMs, dialFirst, join } from './tunnel.ts';

/** Connections of one run at the same time; terraform runs ten operations at once and SDKs pool connections. */
export const maxTunnels = 256;
/** Longer than the slowest silent AWS call (waiters poll well within a minute). */
const idleTimeoutMs = 15 * 60_000;
/** Distinct destinations told to the callbacks, so that a hostile run cannot fill a log by refusals. */
const maxReported = 1_000;

export interface ConnectProxyOptions {
  allow: AllowList;
  /** Called once for each distinct destination and reason, 1,000 at most. */
  onRefused: (destination: string, reason: string) => void;
  /** Called once for each distinct destination, 1,000 at most. */
  onConnected: (destination: string) => void;
  /** All addresses of a name. */
  resolve: Resolve;
  /** What is asked of the proxy itself, by a path and not for another host. Default: it is refused, too. */
  own?: RequestListener | undefined;
  maxTunnels?: number;
  connectTimeoutMs?: number;
  idleTimeoutMs?: number;
}

/**
 * The run's only way out: CONNECT only. It resolves names itself and dials the very address that it judged, so a name
 * cannot change its answer in between. Plain http (absolute-form requests) is refused with a sentence: a session's
 * requests should not travel in clear, and one way out is easier to guard than two. `own` is on the same port, since each
 * port that a sandbox has costs a relay inside.
 */
export function createConnectProxy(options: ConnectProxyOptions): Server {
  const report = reporter(options);
  const limits = {
    tunnels: options.maxTunnels ?? maxTunnels,
    connectTimeoutMs: options.connectTimeoutMs ?? connectTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? idleTimeoutMs,
  };
  let tunnels = 0;

  const server = createServer({ headersTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) => {
    if (options.own !== undefined && request.url?.startsWith('/')) return options.own(request, response);
    const host = plainHttpTarget(request.url);
    if (host !== undefined) report.refused(host, 'plain http is not carried, use https');
    response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This proxy carries https only (CONNECT); plain http is refused.\n');
  });
  server.on('connect', (request, stream, head) => {
    // A server over TCP or a unix socket always hands over a net.Socket; the type is wider for http2's sake.
    const client = stream as Socket;
    client.on('error', () => client.destroy());
    tunnels += 1;
    client.once('close', () => {
      tunnels -= 1;
    });
    if (tunnels > limits.tunnels) return answer(client, 503, 'Too many connections of this run');
    openTunnel(client, head, request.url ?? '').catch(() => client.destroy());
  });
  return server;

  async function openTunnel(client: Socket, head: Buffer, target: string): Promise<void> {
    const destination = parseDestination(target);
    if (destination === undefined) return answer(client, 400, 'Not a host:port');
    const name = formatDestination(destination);

    const judged = await judgeDestination(destination, options.allow, options.resolve).catch(() => undefined);
    if (judged === undefined) return answer(client, 502, `${name} has no address`);
    const { allowed, refusal } = judged;
    if (allowed.length === 0) {
      report.refused(name, refusal);
      return answer(client, 403, `Gatehouse refused ${name}: ${refusal}`);
    }
    const places = allowed.map((host) => ({ host, port: destination.port }));
    const upstream = await dialFirst(places, { client, timeoutMs: limits.connectTimeoutMs });
    if (upstream === undefined) return answer(client, 502, `${name} did not answer`);
    report.connected(name);
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    join(client, upstream, limits);
  }
}

function answer(client: Socket, status: number, sentence: string): void {
  client.end(`HTTP/1.1 ${status} ${sentence}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}

function plainHttpTarget(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  const destination = parseDestination(`${hostname}:${port === '' ? 80 : port}`);
  return destination === undefined ? undefined : formatDestination(destination);
}

function reporter({ onRefused, onConnected }: ConnectProxyOptions) {
  const seen = new Set<string>();
  const isNew = (key: string) => {
    if (seen.has(key) || seen.size >= maxReported) return false;
    seen.add(key);
    return true;
  };
  return {
    refused(destination: string, reason: string): void {
      if (isNew(`refused ${destination} ${reason}`)) onRefused(destination, reason);
    },
    connected(destination: string): void {
      if (isNew(`connected ${destination}`)) onConnected(destination);
    },
  };
}
