import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { maxTunnels } from '../../src/sandbox/connect-proxy.ts';
import { closable, listenOnLoopback } from '../../src/sandbox/listen.ts';
import { aSandbox } from './a-sandbox.ts';

test('a run has as many tunnels as the proxy carries, and is told so when it asks for more', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
  });
  onTestFinished(closable(server));
  const target = `127.0.0.1:${await listenOnLoopback(server, 0)}`;
  const { run } = await aSandbox({ egress: { allow: [target] } });
  const asks = `
    for n in $(seq ${maxTunnels + 3}); do
      exec {held}<>/dev/tcp/127.0.0.1/3128
      printf 'CONNECT ${target} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&$held
      read -r -t 20 answer <&$held; echo "$answer"
    done`;
  const { output } = await run('', { argv: ['bash', '-c', asks] });
  const answers = output
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  expect(answers.slice(0, maxTunnels)).toEqual(Array(maxTunnels).fill('HTTP/1.1 200 Connection established'));
  expect(answers.slice(maxTunnels)).toEqual(Array(3).fill('HTTP/1.1 503 Too many connections of this run'));
});

test('connections that come at once are taken at once', async () => {
  const { run } = await aSandbox();
  const asks = `
    for n in $(seq 100); do exec {held}<>/dev/tcp/127.0.0.1/3128 & done
    wait
    cat /proc/net/netstat`;
  const { output } = await run('', { argv: ['bash', '-c', asks] });
  const [names = [], counts = []] = output
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  // What overflows is dropped, and comes again after a second.
  expect(counts[names.indexOf('ListenOverflows')]).toBe('0');
});
