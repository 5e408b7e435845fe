import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseAllowList } from '@gatehouse/shared/address-guard';
import { afterEach, describe, expect, test } from 'vitest';
import { type ConnectProxyOptions, createConnectProxy } from '../../src/sandbox/connect-proxy.ts';
import { closable, listenOnLoopback } from '../../src/sandbox/listen.ts';
import { knownNames } from './known-names.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  cleanUp.push(closable(server));
  return await listenOnLoopback(server, 0);
}

/** A proxy whose names are answered from `names`, so that no packet leaves the machine. */
async function setup(
  options: { names?: Record<string, string[]>; allow?: string[] } & Partial<Omit<ConnectProxyOptions, 'allow'>> = {},
) {
  const refused: string[] = [];
  const connected: string[] = [];
  const { names = {}, allow = [], ...rest } = options;
  const { resolve, asked } = knownNames(names);
  const proxy = createConnectProxy({
    allow: parseAllowList(allow),
    onRefused: (destination, reason) => refused.push(`${destination} ${reason}`),
    onConnected: (destination) => connected.push(destination),
    resolve,
    ...rest,
  });
  const port = await listen(proxy);
  const request = async (head: string): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write(head);
    return socket;
  };
  const connectTo = (target: string) => request(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  return { refused, connected, asked, request, connectTo };
}

/** Says `hello` and gives back what it hears. */
async function echoServer(): Promise<{ port: number; heard: () => number }> {
  let connections = 0;
  const port = await listen(
    createServer((socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.write('hello ');
      socket.pipe(socket);
    }),
  );
  return { port, heard: () => connections };
}

describe('refusals', () => {
  test.each([
    ['metadata.example:80', ['169.254.169.254'], 'link-local address'],
    ['localhost:6379', ['127.0.0.1', '::1'], 'loopback address'],
    ['127.1:6379', ['127.0.0.1'], 'loopback address'],
    ['0x7f000001:80', ['127.0.0.1'], 'loopback address'],
    ['internal.example:443', ['10.9.8.7'], 'private address'],
    ['mapped.example:443', ['::ffff:10.9.8.7'], 'private address'],
    ['empty.example:443', [], 'no address'],
  ])('%s at %j', async (target, addresses, reason) => {
    const host = target.slice(0, target.lastIndexOf(':'));
    const { connectTo, refused, connected } = await setup({ names: { [host]: addresses } });
    expect(await text(await connectTo(target))).toMatch(`HTTP/1.1 403 Gatehouse refused ${target}: ${reason}`);
    expect(refused).toEqual([`${target} ${reason}`]);
    expect(connected).toEqual([]);
  });

  test.each([
    ['127.0.0.1:80', 'loopback address'],
    ['169.254.169.254:80', 'link-local address'],
    ['[::1]:80', 'loopback address'],
    ['[fd00:ec2::254]:80', 'private address'],
  ])('the literal %s, without asking a resolver', async (target, reason) => {
    const { connectTo, refused, asked } = await setup();
    expect(await text(await connectTo(target))).toMatch(/^HTTP\/1.1 403 /);
    expect(refused).toEqual([`${target} ${reason}`]);
    expect(asked).toEqual([]);
  });

  test('a destination is reported once however often it is tried', async () => {
    const { connectTo, refused } = await setup();
    for (let tries = 0; tries < 3; tries += 1) await text(await connectTo('10.0.0.1:80'));
    expect(refused).toEqual(['10.0.0.1:80 private address']);
  });

  test('a name without address answers 502', async () => {
    const { connectTo } = await setup();
    expect(await text(await connectTo('nowhere.example:443'))).toMatch(
      /^HTTP\/1.1 502 nowhere.example:443 has no address/,
    );
  });

  test('what is no host:port answers 400', async () => {
    const { connectTo, refused } = await setup();
    expect(await text(await connectTo('user@host:80'))).toMatch(/^HTTP\/1.1 400 /);
    expect(refused).toEqual([]);
  });

  test('plain http is refused with a sentence and named', async () => {
    const { request, refused } = await setup();
    const answer = await text(await request('GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1.1 403 [\s\S]*https only/);
    expect(refused).toEqual(['example.com:80 plain http is not carried, use https']);
  });
});

describe('tunnels', () => {
  test('an allow-listed name is connected, resolved once, and carries bytes both ways', async () => {
    const { port, heard } = await echoServer();
    const target = `echo.example:${port}`;
    const { connectTo, connected, asked } = await setup({ names: { 'echo.example': ['127.0.0.1'] }, allow: [target] });
    const socket = await connectTo(target);
    socket.end('there');
    expect(await text(socket)).toBe('HTTP/1.1 200 Connection established\r\n\r\nhello there');
    expect(connected).toEqual([target]);
    expect(asked).toEqual(['echo.example']);
    expect(heard()).toBe(1);
  });

  test('of several addresses only the allowed ones are dialled, in turn', async () => {
    const { port } = await echoServer();
    const target = `both.example:${port}`;
    const { connectTo } = await setup({
      names: { 'both.example': ['169.254.169.254', '127.0.0.9', '127.0.0.1'] },
      allow: [target],
    });
    const socket = await connectTo(target);
    socket.end('x');
    // 127.0.0.9 refuses the connection: the server listens on 127.0.0.1 only.
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 [\s\S]*hello x$/);
  });

  test('a name that changes its answer reaches only what was judged', async () => {
    const { port, heard } = await echoServer();
    let answers = 0;
    const { connectTo } = await setup({
      // First a public-looking answer that is allowed, afterwards the loopback service.
      resolve: async () => [answers++ === 0 ? '127.0.0.9' : '127.0.0.1'],
      allow: ['127.0.0.9/32'],
    });
    await text(await connectTo(`rebind.example:${port}`));
    expect(await text(await connectTo(`rebind.example:${port}`))).toMatch(/403 .*loopback address/);
    expect(heard()).toBe(0);
  });

  test('what does not listen answers 502', async () => {
    const { port } = await echoServer();
    const { connectTo } = await setup({ allow: ['127.0.0.0/8'] });
    expect(await text(await connectTo(`127.0.0.9:${port}`))).toMatch(/502 .*did not answer/);
  });

  test('above the cap of tunnels a run is told to wait', async () => {
    const { port } = await echoServer();
    const { connectTo } = await setup({ allow: ['127.0.0.1/32'], maxTunnels: 1 });
    const first = await connectTo(`127.0.0.1:${port}`);
    await once(first, 'data');
    expect(await text(await connectTo(`127.0.0.1:${port}`))).toMatch(/^HTTP\/1.1 503 /);
    first.destroy();
  });

  test('a silent tunnel is ended', async () => {
    const { port } = await echoServer();
    const { connectTo } = await setup({ allow: ['127.0.0.1/32'], idleTimeoutMs: 50 });
    const socket = await connectTo(`127.0.0.1:${port}`);
    socket.resume();
    await once(socket, 'close');
  });
});
