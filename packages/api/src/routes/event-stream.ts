import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** How long a browser waits before it comes back after a connection that broke. */
const retryMs = 1000;

/** Answers with server-sent events until `events` ends. Its generator must end when the answer's signal aborts. */
export function sendEventStream(reply: FastifyReply, events: AsyncIterable<string>): FastifyReply {
  async function* all(): AsyncGenerator<string> {
    // The first bytes bring the headers to the client even where there is nothing to tell.
    yield `retry: ${retryMs}\n\n`;
    yield* events;
  }
  return (
    reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no')
      // Without it Fastify's close waits for this connection even after the answer has ended.
      .header('connection', 'close')
      .send(Readable.from(all(), { objectMode: false, highWaterMark: 64 * 1024 }))
  );
}
