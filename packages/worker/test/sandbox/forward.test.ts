import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { createForward, type ForwardOptions, type ForwardTarget } from '../../src/sandbox/forward.ts';
import { closable, listenOnLoopback, listenOnSocket } from '../../src/sandbox/listen.ts';
import { createResolver } from '../../src/sandbox/resolve-names.ts';
import { knownNames } from './known-names.ts';

/** Says `hello` and gives back what it hears, until it has heard all. */
function echoServer(): Server {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.write('hello ');
    socket.pipe(socket);
  });
  onTestFinished(closable(server));
  return server;
}

/** A connection to a forward whose names are answered from `names`. */
async function setup(
  target: ForwardTarget,
  options: { names?: Record<string, string[]> } & Partial<ForwardOptions> = {},
) {
  const { names = {}, ...rest } = options;
  const { resolve, asked } = knownNames(names);
  const forward = createForward(target, {
    resolve,
    ...rest,
  });
  onTestFinished(closable(forward));
  const port = await listenOnLoopback(forward, 0);
  const open = (): Socket => connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  return { asked, open };
}

test('a name is looked up by the resolver of the run for each connection, its addresses are dialled in turn', async () => {
  const port = await listenOnLoopback(echoServer(), 0);
  // 127.0.0.9 refuses the connection: the server listens on 127.0.0.1 only.
  const { asked, open } = await setup(
    { host: 'service.example', port },
    { names: { 'service.example': ['127.0.0.9', '127.0.0.1'] } },
  );
  for (const said of ['one', 'two']) {
    const socket = open();
    // Ended before the forward has looked up anything: what was said comes all the same.
    socket.end(said);
    expect(await text(socket)).toBe(`hello ${said}`);
  }
  expect(asked).toEqual(['service.example', 'service.example']);
});

test('an address is dialled as it is, and so is a unix socket', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-forward-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const socketPath = path.join(folder, 'service');
  await listenOnSocket(echoServer(), socketPath, undefined);
  const port = await listenOnLoopback(echoServer(), 0);
  for (const target of [{ host: '127.0.0.1', port }, { path: socketPath }]) {
    const { asked, open } = await setup(target);
    const socket = open();
    socket.end('there');
    expect(await text(socket)).toBe('hello there');
    expect(asked).toEqual([]);
  }
});

test('what has no address, or does not listen, closes the connection', async () => {
  const unused = await listenOnLoopback(echoServer(), 0);
  for (const host of ['nowhere.example', '127.0.0.9']) {
    const { open } = await setup({ host, port: unused });
    const socket = open();
    socket.write('hello?');
    expect(await text(socket).catch(() => '')).toBe('');
  }
});

test('what does not answer in time closes the connection', async () => {
  const port = await silentPort();
  const { open } = await setup({ host: '127.0.0.1', port }, { connectTimeoutMs: 200 });
  const begun = performance.now();
  expect(await text(open()).catch(() => '')).toBe('');
  expect(performance.now() - begun).toBeGreaterThan(190);
});

test('slow names of one run keep no other waiting, and a client that goes away meanwhile opens nothing', async () => {
  const connected: string[] = [];
  const service = echoServer().on('connection', () => connected.push('service'));
  const port = await listenOnLoopback(service, 0);
  const answers = Promise.withResolvers<string[]>();
  const { open } = await setup({ host: 'slow.example', port }, { resolve: () => answers.promise });
  const other = await setup({ host: 'localhost', port }, { resolve: createResolver() });
  const [left, waiting] = [open(), open()];
  await once(left, 'connect');
  const socket = other.open();
  socket.end('neighbour');
  expect(await text(socket)).toBe('hello neighbour');
  expect(connected).toEqual(['service']);

  left.resetAndDestroy();
  waiting.end('late');
  answers.resolve(['127.0.0.1']);
  expect(await text(waiting)).toBe('hello late');
});

/** Of a process that stands still, with as many connections as the kernel lets wait for it. */
async function silentPort(): Promise<number> {
  const program = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    process.stdout.write(String(this.address().port), () => process.kill(process.pid, 'SIGSTOP'));
  })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [said] = await once(child.stdout, 'data');
  const port = Number(said);
  for (let waiting = 0; waiting <= 1; waiting++) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
  }
  return port;
}
