import { spawn } from 'node:child_process';
import { connectRedis } from '@gatehouse/shared/redis';
import { bareLogChannel } from './bare-log-channel.ts';

// The least that hands a command's output on: what a pipe brings goes into a Redis stream, to be kept, and is published,
// to be read now. Nothing is filtered, masked or marked. `bare-log-writer.ts REDIS_URL NAME COMMAND …`.

const [redisUrl = '', name = '', command = '', ...argv] = process.argv.slice(2);
const redis = connectRedis(redisUrl, { onError: (error) => process.stderr.write(`${error}\n`) });
const channel = bareLogChannel(name);
const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
for await (const bytes of child.stdout as AsyncIterable<Buffer>) {
  await Promise.all([redis.xadd(`${channel}:kept`, '*', 'd', bytes), redis.publish(channel, bytes)]);
}
// The end, as there is no empty output.
await redis.publish(channel, '');
await redis.del(`${channel}:kept`);
redis.disconnect();
process.exitCode = (await exited) ?? 1;
