import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** How long a browser waits before it comes back after a connection that broke. */
const retryMs = 1000;

/** Answers with server-sent events until `events` ends. Its generator must end when the answer's signal aborts. */
export function sendEventStream(reply: FastifyReply, events: AsyncIterable<string | Uint8Array>): FastifyReply {
  const stream = readableOf(events);
  // The first bytes bring the headers to the client even where there is nothing to tell.
  stream.push(`retry: ${retryMs}\n\n`);
  return (
    reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no')
      // Without it Fastify's close waits for this connection even after the answer has ended.
      .header('connection', 'close')
      .send(stream)
  );
}

/** As `Readable.from`, for half of its work at each event: a line of a log may have a thousand readers. */
function readableOf(events: AsyncIterable<string | Uint8Array>): Readable {
  const iterator = events[Symbol.asyncIterator]();
  const stream = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      iterator.next().then(
        ({ done = false, value }) => stream.push(done ? null : value),
        (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, callback) {
      callback(error);
      // It cleans up, when what it waits for has come; a failure then is nobody's any more.
      iterator.return?.().then(undefined, () => undefined);
    },
  });
  return stream;
}
