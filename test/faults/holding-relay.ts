import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';

/** Which requests are held, and on which side of the api. */
export type Hold = {
  /** Judged with the body that was sent. */
  holds(method: string, path: string, body: Buffer): boolean;
  /** `before` the api hears of it, or `after` it has answered and before the client knows. */
  when: 'before' | 'after';
};

/** A hold that was put up. */
export type Held = {
  /** Resolves when a request waits at it. */
  reached: Promise<void>;
  /** Later requests pass; those that wait go on waiting. */
  letLaterPass(): void;
  release(): void;
};

export type HoldingRelay = { url: string; put(hold: Hold): Held; close(): Promise<void> };

/**
 * Stands between the workers and the api, where a network would, and keeps chosen requests waiting. An api that does not
 * answer is a broken connection to the client, too.
 */
export async function startHoldingRelay(upstream: { port: number }): Promise<HoldingRelay> {
  const holds = new Set<Hold & { arrive(): void; released: Promise<void> }>();
  async function wait(when: Hold['when'], request: IncomingMessage, body: Buffer): Promise<void> {
    for (const hold of holds) {
      if (hold.when !== when || !hold.holds(request.method ?? '', request.url ?? '', body)) continue;
      hold.arrive();
      await hold.released;
    }
  }
  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    await wait('before', request, body);
    const { method, url: path, headers } = request;
    const outgoing = httpRequest({ host: '127.0.0.1', port: upstream.port, method, path, headers });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    outgoing.on('response', (answer) => {
      // Whole before it is held: what the api has said stands, whatever becomes of the api.
      const answered = buffer(answer).then(async (bytes) => {
        await wait('after', request, body);
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(bytes);
      });
      answered.catch(() => response.destroy());
    });
    outgoing.end(body);
  }
  const server = createServer((request, response) => {
    relay(request, response).catch(() => response.destroy());
  });
  const { port, close } = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    put(hold) {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const put = { ...hold, arrive: arrived.resolve, released: released.promise };
      holds.add(put);
      return {
        reached: arrived.promise,
        letLaterPass() {
          holds.delete(put);
        },
        release() {
          holds.delete(put);
          released.resolve();
        },
      };
    },
    close,
  };
}
