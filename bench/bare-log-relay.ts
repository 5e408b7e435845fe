import { createServer, type ServerResponse } from 'node:http';
import { connectRedis } from '@gatehouse/shared/redis';
import { bareLogChannel } from './bare-log-channel.ts';

// The least that readers of a log could be served by: each message of a channel goes to all of them as one server-sent
// event, made once. Whoever comes late has missed it, and a slow reader fills the memory. `bare-log-relay.ts REDIS_URL`;
// `GET /NAME` follows a log.

const [redisUrl = ''] = process.argv.slice(2);
const readers = new Map<string, Set<ServerResponse>>();
const redis = connectRedis(redisUrl, { onError: (error) => process.stderr.write(`${error}\n`), blocking: true });
redis.on('pmessage', (_pattern: string, channel: string, text: string) => {
  const all = readers.get(channel) ?? new Set();
  const event = `event: log\ndata: ${JSON.stringify(text)}\n\n`;
  for (const reader of all) {
    if (text === '') reader.end();
    else reader.write(event);
  }
});
await redis.psubscribe(bareLogChannel('*'));

const server = createServer((request, reply) => {
  const channel = bareLogChannel(request.url?.slice(1) ?? '');
  const all = readers.get(channel) ?? new Set();
  readers.set(channel, all.add(reply));
  reply.once('close', () => all.delete(reply));
  reply.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
  reply.flushHeaders();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay has no port.');
  process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
