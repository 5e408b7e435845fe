import { parseAllowList, type Resolve } from '@gatehouse/shared/address-guard';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWebhooks } from '../../src/webhooks/post-webhook.ts';
import { type Receiver, startReceiver } from '../receiver.ts';

let receiver: Receiver;
let elsewhere: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  elsewhere = await startReceiver();
});
beforeEach(() => {
  receiver.answers((response) => void response.end('ok'));
  receiver.received.length = 0;
  elsewhere.received.length = 0;
});
afterAll(async () => {
  await receiver.close();
  await elsewhere.close();
});

function post(url: string, options: { allow?: string[]; resolve?: Resolve; timeoutMs?: number } = {}) {
  const { allow = [receiver.host], ...more } = options;
  const postWebhook = createWebhooks({ allow: parseAllowList(allow), ...more });
  return postWebhook({ url: new Secret(url), headers: { 'x-mine': 'yes' }, body: '{"é":1}' });
}

test('a request arrives whole, and its answer comes back', async () => {
  receiver.answers((response) => void response.writeHead(202, { 'x-there': ['a', 'b'] }).end('well'));
  expect(await post(`${receiver.url}?q=1`)).toMatchObject({
    kind: 'answered',
    code: 202,
    headers: { 'x-there': ['a', 'b'] },
    body: 'well',
  });
  expect(receiver.received).toMatchObject([
    {
      method: 'POST',
      path: '/hook?q=1',
      body: '{"é":1}',
      headers: { 'content-type': 'application/json', 'x-mine': 'yes', host: receiver.host },
    },
  ]);
});

describe('where nothing may be sent', () => {
  const port = () => receiver.port;
  test.each([
    ['loopback', () => `http://127.0.0.1:${port()}/`],
    ['loopback by another of its addresses', () => `http://127.9.9.9:${port()}/`],
    ['loopback as one decimal number', () => `http://2130706433:${port()}/`],
    ['loopback in hexadecimal', () => `http://0x7f000001:${port()}/`],
    ['loopback in octal', () => `http://0177.0.0.1:${port()}/`],
    ['loopback in short', () => `http://127.1:${port()}/`],
    ['loopback by IPv6', () => `http://[::1]:${port()}/`],
    ['loopback mapped into IPv6', () => `http://[::ffff:127.0.0.1]:${port()}/`],
    ['loopback by its name', () => `http://localhost:${port()}/`],
    ['any address', () => `http://0.0.0.0:${port()}/`],
    ['the cloud metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['the cloud metadata mapped into IPv6', () => 'http://[::ffff:a9fe:a9fe]/'],
    ['a private network', () => 'http://10.0.0.1/'],
    ['a private network by NAT64', () => 'http://[64:ff9b::a00:1]/'],
    ['another port than the allowed one', () => elsewhere.url],
  ])('%s', async (_name, url) => {
    const allow = _name === 'another port than the allowed one' ? [receiver.host] : [];
    expect(await post(url(), { allow })).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/(loopback|unspecified|link-local|private) address/),
    });
    expect([...receiver.received, ...elsewhere.received]).toEqual([]);
  });

  test('a name that resolves there', async () => {
    const resolve = async () => ['127.0.0.1'];
    const answer = await post(`http://innocent.example:${port()}/`, { allow: [], resolve });
    expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining('loopback address') });
    expect(receiver.received).toEqual([]);
  });

  test('the metadata address is not reached by an allowed name either', async () => {
    const resolve = async () => ['169.254.169.254'];
    const answer = await post('http://inside.example/', { allow: ['inside.example:80'], resolve });
    expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining('link-local address') });
  });
});

test('a name is resolved once, and what was judged is dialled, not what it resolves to next', async () => {
  // Were the name asked again by the connection, it would not be found: nobody serves .example.
  const answers = [['127.0.0.1'], ['127.0.0.9']];
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    asked.push(host);
    return answers.shift() ?? [];
  };
  const answer = await post(`http://rebound.example:${receiver.port}/hook`, {
    allow: [`rebound.example:${receiver.port}`],
    resolve,
  });
  expect(answer).toMatchObject({ kind: 'answered', code: 200 });
  expect(asked).toEqual(['rebound.example']);
  expect(receiver.received[0]?.headers.host).toBe(`rebound.example:${receiver.port}`);
});

test('of several addresses only those that may be are dialled', async () => {
  const resolve = async () => ['127.0.0.1', '10.255.255.1'];
  const answer = await post(`http://both.example:${receiver.port}/`, { allow: ['127.0.0.0/8'], resolve });
  expect(answer).toMatchObject({ kind: 'answered', code: 200 });
});

test.each([301, 302, 303, 307, 308])('a redirection (%i) is an answer, and is not followed', async (code) => {
  receiver.answers((response) => void response.writeHead(code, { location: elsewhere.url }).end());
  expect(await post(receiver.url, { allow: ['127.0.0.0/8'] })).toMatchObject({ kind: 'answered', code });
  expect(elsewhere.received).toEqual([]);
});

test('of an endless answer the beginning is read, and the connection is cut', async () => {
  let isCut = false;
  const cut = new Promise<void>((resolve) => {
    receiver.answers((response) => {
      const more = () => void (response.destroyed || response.write('x'.repeat(8_192)));
      response.writeHead(200);
      response.on('drain', more);
      response.on('close', () => {
        isCut = true;
        resolve();
      });
      for (let count = 0; count < 64; count++) more();
    });
  });
  const answer = await post(receiver.url);
  expect(answer).toMatchObject({ kind: 'answered', code: 200 });
  expect(answer.kind === 'answered' && answer.body.length).toBe(16 * 1024);
  await cut;
  expect(isCut).toBe(true);
});

test('a receiver that does not answer is given up after its time', async () => {
  receiver.answers(() => undefined);
  const answer = await post(receiver.url, { timeoutMs: 200 });
  expect(answer).toEqual({ kind: 'silent', reason: 'No answer within 0.2 s.' });
});

test('one that has answered, but does not come to an end, has answered', async () => {
  receiver.answers((response) => void response.writeHead(200).write('so far'));
  expect(await post(receiver.url, { timeoutMs: 300 })).toMatchObject({ kind: 'answered', code: 200, body: 'so far' });
});

test('a resolver that does not answer is given up too', async () => {
  const resolve = () => new Promise<string[]>(() => undefined);
  expect(await post('http://slow.example/', { resolve, timeoutMs: 100 })).toMatchObject({ kind: 'silent' });
});

test('no answer tells the address that was dialled', async () => {
  const needle = 'needle-of-the-path';
  const closed = await startReceiver();
  const url = `${closed.url}/${needle}`;
  await closed.close();
  receiver.answers((response) => void response.writeHead(200, { 'x-much': 'y'.repeat(20_000) }).end());
  const answers = [
    await post(url, { allow: [closed.host] }),
    await post(`https://127.0.0.1:${receiver.port}/${needle}`),
    await post(`${receiver.url}/${needle}`),
    await post(`http://nothing.invalid/${needle}`, { resolve: () => Promise.reject(new Error(needle)) }),
    await post(`http://10.0.0.1/${needle}`),
  ];
  expect(answers.map(({ kind }) => kind)).toEqual(['silent', 'silent', 'silent', 'silent', 'refused']);
  expect(answers[0]).toMatchObject({ reason: 'Nothing listens there.' });
  expect(answers[2]).toMatchObject({ reason: expect.stringContaining('headers') });
  expect(JSON.stringify(answers)).not.toContain(needle);
});
