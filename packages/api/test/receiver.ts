import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

const notification = z.looseObject({ trigger: z.string(), message: z.string() });
export const genericBody = z.looseObject({ notifications: z.tuple([notification]) });

/** A receiver of notifications over real HTTP, on loopback: `answer` decides what it says, at first that all is well. */
export async function startReceiver() {
  const received: Received[] = [];
  let answer = (response: ServerResponse, _request: Received): void => void response.end('ok');
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
    received.push(one);
    answer(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // An address over TCP is an object.
  const { port } = server.address() as AddressInfo;
  return {
    received,
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hook`,
    answers(with_: typeof answer): void {
      answer = with_;
    },
    /** Answers this status, and says nothing more. */
    says(code: number): void {
      answer = (response) => void response.writeHead(code).end();
    },
    /** The triggers that came, verifications left out. */
    triggers: () =>
      received
        .map(({ body }) => genericBody.parse(JSON.parse(body)).notifications[0].trigger)
        .filter((trigger) => trigger !== 'verification'),
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
