import type { IncomingMessage } from 'node:http';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * In this scope a body of any content type, or none, reaches the handler as the stream that it is. Fastify does not
 * count such a body: read it through `limited`.
 */
export function acceptRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/** The body; what announces itself as too long is refused before a byte of it is read. */
export function rawBody(request: FastifyRequest, maxBytes: number, what: string): IncomingMessage {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    throw new GatehouseError('too_large', `${what} may have at most ${maxBytes / 1024 / 1024} MiB.`);
  }
  return request.raw;
}
