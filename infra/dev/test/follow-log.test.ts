import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createApiClient } from '../src/api-client.ts';
import { followLog } from '../src/follow-log.ts';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

type Answer = (response: ServerResponse) => void;

/** A server that gives one answer after the other, and the `Last-Event-ID` of each request. */
async function setup(...answers: Answer[]) {
  const askedFrom: unknown[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    askedFrom.push(request.headers['last-event-id']);
    const answer = answers.shift();
    if (answer === undefined) response.destroy();
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const api = createApiClient({ url: `http://127.0.0.1:${address.port}`, token: 'gh_token' });
  let text = '';
  const follow = () => followLog(api, 'run-1', 'plan', (more) => (text += more));
  return { follow, askedFrom, text: () => text };
}

const events = (...lines: string[]) => lines.map((line) => `${line}\n\n`).join('');

test('text, bytes and gaps are handed on in order until the end', async () => {
  const { follow, text } = await setup((response) =>
    response.end(
      events(
        'id: 4\nevent: log\ndata: "one\\n"',
        ': waiting',
        `id: 7\nevent: bytes\ndata: "${Buffer.from('two').toString('base64')}"`,
        'id: 9\nevent: gap\ndata: {"from":7,"to":9}',
        'id: 9\nevent: end\ndata: {"size":9}',
      ),
    ),
  );
  await follow();
  expect(text()).toBe('one\ntwo\n[a part of the log is lost]\n');
});

test('a broken connection is taken up at the byte where it broke, and half an event is not told', async () => {
  const { follow, text, askedFrom } = await setup(
    (response) => {
      response.write(events('id: 4\nevent: log\ndata: "one\\n"'));
      response.write('id: 8\nevent: log\ndata: "tw', () => response.destroy());
    },
    (response) => response.writeHead(503).end(),
    (response) => response.end(events('id: 8\nevent: log\ndata: "two\\n"', 'id: 8\nevent: end\ndata: {"size":8}')),
  );
  await follow();
  expect(text()).toBe('one\ntwo\n');
  expect(askedFrom).toEqual(['0', '4', '4']);
});

test('a log that may not be read is not asked for again', async () => {
  const { follow, askedFrom } = await setup((response) => response.writeHead(404).end('{"errors":[]}'));
  await expect(follow()).rejects.toThrow(/cannot be read: 404/);
  expect(askedFrom).toHaveLength(1);
});
