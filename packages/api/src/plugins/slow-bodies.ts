import { Socket } from 'node:net';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

/** Whatever the network: a body has this long, and a second more for each KiB of it that has come. */
const graceMs = 30_000;
const bytesPerSecond = 1024;
const checkEveryMs = 5_000;

/**
 * A body that trickles holds a connection, and memory, for as long as its sender likes. What comes more slowly than a
 * modem is ended with its connection.
 */
export const slowBodies = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onRequest', async (request) => {
    if (hasBody(request)) watch(request);
  });
});

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function watch(request: FastifyRequest): void {
  const { raw } = request;
  const { socket } = raw;
  // A request that was injected has no connection to hold.
  if (!(socket instanceof Socket)) return;
  const startedAt = Date.now();
  const before = socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete) return stop();
    const allowedMs = graceMs + ((socket.bytesRead - before) / bytesPerSecond) * 1000;
    if (Date.now() - startedAt <= allowedMs) return;
    stop();
    request.log.info({ reqId: request.id, receivedBytes: socket.bytesRead - before }, 'a body came too slowly');
    // Whoever reads the body is told; nothing more can be said on this connection.
    raw.destroy(new GatehouseError('invalid_request', 'The body came too slowly.'));
    socket.destroy();
  }, checkEveryMs);
  timer.unref();
  const stop = () => {
    clearInterval(timer);
    raw.off('end', stop);
    socket.off('close', stop);
  };
  raw.once('end', stop);
  // Not with the answer: a body that was refused goes on coming, and holds the connection all the same.
  socket.once('close', stop);
}
