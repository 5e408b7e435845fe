import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import type { TlsMaterial } from './tls-files.ts';

/** For the headers of a request to come, from its first byte or from the connection on. People's own take milliseconds. */
const headersTimeoutMs = 20_000;
/** How often Node looks for what is over. */
const checkEveryMs = 5_000;

/** What a connection may take of the server. How slowly a body may come is said in `plugins/slow-bodies.ts`. */
export function connectionLimits({ idleSeconds }: { idleSeconds: number }, tls: TlsMaterial | undefined) {
  const server = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
    // Refused all the same, in the form of all errors: `plugins/plain-requests.ts`.
    requireHostHeader: false,
  };
  return {
    ...(tls === undefined ? { http: server } : { https: { ...tls, ...server } }),
    // Nothing moves any more: an upload that stands still, or a reader that does not read what fills the buffers.
    connectionTimeout: idleSeconds * 1000,
    clientErrorHandler: refuseBytes,
  };
}

/**
 * What a client writes into X-Forwarded-For itself stands before what the proxies append to it, and counts for nothing.
 * Fastify's own `true` would believe the whole of it.
 */
export function trustedProxies(trustProxy: boolean | readonly string[]) {
  if (trustProxy === true) return (_address: string, hop: number) => hop === 0;
  return trustProxy === false ? false : [...trustProxy];
}

const refusals: Record<string, { status: number; reason: string; code: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'too_large',
    detail: 'The headers and the address of a request may have 16 KiB.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'invalid_request',
    detail: 'The request did not come to its end in time.',
  },
};
const notHttp = {
  status: 400,
  reason: 'Bad Request',
  code: 'invalid_request',
  detail: 'This is no request of HTTP/1.1 that can be read in one way only.',
};

/** Bytes that are no request: answered in the form of all errors, and never read on, whatever follows them. */
function refuseBytes(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, reason, code, detail } = refusals[error.code] ?? notHttp;
  const body = JSON.stringify({ errors: [{ status: String(status), code, title: reason, detail }] });
  const headers = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/vnd.api+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}
