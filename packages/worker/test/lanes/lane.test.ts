import { Queue } from 'bullmq';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLane } from '../../src/lanes/lane.ts';
import { queueConnection } from '../../src/lanes/queue-connection.ts';
import { type RedisServer, startRedis } from '../surroundings/redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

let count = 0;
async function setup() {
  const name = `lane-${count++}`;
  const connection = queueConnection(server.url);
  const queue = new Queue(name, { connection });
  const taken: string[] = [];
  let wake = () => {};
  const holding = new Map<string, () => void>();
  const lane = startLane({
    redisUrl: server.url,
    queue: name,
    concurrency: 4,
    logger: pino({ level: 'silent' }),
    work: async (jobId) => {
      taken.push(jobId);
      wake();
      if (jobId.startsWith('long')) await new Promise<void>((resolve) => holding.set(jobId, resolve));
    },
  });
  await lane.ready();
  return {
    lane,
    taken,
    finish: (jobId: string) => holding.get(jobId)?.(),
    add: async (jobId: string) => void (await queue.add('phase', {}, { jobId })),
    takes: async (jobId: string) => {
      while (!taken.includes(jobId)) await new Promise<void>((resolve) => (wake = resolve));
    },
    done: () => queue.getCompletedCount(),
    waiting: async () => (await queue.getWaiting()).map(({ id }) => id),
    async close() {
      await lane.close();
      await queue.close();
    },
  };
}

test('a lane that is told to take nothing takes nothing, though it was waiting for a job; then it goes on', async () => {
  const { lane, add, takes, taken, waiting, done, close } = await setup();
  await add('first');
  await takes('first');
  await expect.poll(done).toBe(1);
  await lane.pause();
  await add('second');
  // Another one would have been taken long before a job in the queue that stands is seen five times.
  for (let look = 0; look < 5; look++) {
    expect(await waiting()).toEqual(['second']);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(taken).toEqual(['first']);
  await lane.resume();
  await takes('second');
  await close();
});

test('what it has taken goes on while it takes nothing new', async () => {
  const { lane, add, takes, finish, taken, close } = await setup();
  await add('long-1');
  await takes('long-1');
  await lane.pause();
  await lane.resume();
  await add('short');
  await takes('short');
  expect(taken).toEqual(['long-1', 'short']);
  finish('long-1');
  await close();
});
