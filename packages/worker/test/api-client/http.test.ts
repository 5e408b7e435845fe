import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { Secret } from '@gatehouse/shared/secret';
import { expect, onTestFinished, test } from 'vitest';
import { send } from '../../src/api-client/http.ts';

const token = new Secret('the-job-token');

async function setup(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

test('an unavailable api is asked again, and told as such in the end, without the token', async () => {
  let asked = 0;
  const url = await setup((_request, response) => {
    asked++;
    response.writeHead(asked < 3 ? 503 : 200).end('ok');
  });
  const patience = { tries: 3, firstDelayMs: 1 };
  expect((await send(url, { method: 'GET', path: '/a', token, patience })).status).toBe(200);
  const failing = send('http://127.0.0.1:1', { method: 'GET', path: '/a', token, patience });
  await expect(failing).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('GET /a') });
  await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('the-job-token') });
});

test.each([
  [409, '{"errors":[{"code":"invalid_transition","detail":"It is over."}]}', 'invalid_transition', 'It is over.'],
  [409, '', 'conflict', '409'],
  [422, '{"errors":[{"code":"state_invalid","detail":"No serial."}]}', 'state_invalid', 'No serial.'],
  [404, '<html>', 'not_found', '404'],
  [401, '{"errors":[{"code":"not-a-code-of-ours"}]}', 'unauthorized', '401'],
  [500, '', 'internal', '500'],
] as const)('%s %s is told as %s, and not asked again', async (status, body, code, words) => {
  let asked = 0;
  const url = await setup((_request, response) => {
    asked++;
    response.writeHead(status).end(body);
  });
  const patience = { tries: 5, firstDelayMs: 1 };
  const sending = send(url, { method: 'PUT', path: '/a', token, patience });
  await expect(sending).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  expect(asked).toBe(1);
});

test('a redirect is not followed: the token would travel with it', async () => {
  const url = await setup((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  await expect(send(url, { method: 'GET', path: '/a', token })).rejects.toMatchObject({ code: 'unavailable' });
});
