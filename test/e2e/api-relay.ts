import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export type RelayedAnswer = { method: string; path: string; status: number };

/**
 * Stands between a client and the api, where a network would: `meanwhile` happens after the api has answered and before
 * the client hears of it.
 */
export async function startApiRelay(
  apiUrl: string,
  meanwhile: (answer: RelayedAnswer) => Promise<void>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    const body = await buffer(request);
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'accept']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(`${apiUrl}${path}`, { method, headers, ...(body.length > 0 ? { body } : {}) });
    const text = await answer.text();
    await meanwhile({ method, path, status: answer.status });
    for (const [name, value] of answer.headers) {
      if (/^(content-type|tfp-|x-)/.test(name)) response.setHeader(name, value);
    }
    response.writeHead(answer.status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
