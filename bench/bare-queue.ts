import { randomUUID } from 'node:crypto';
import { redisOptions } from '@gatehouse/shared/redis';
import SqliteDatabase from 'better-sqlite3';
import { type ConnectionOptions, Queue } from 'bullmq';
import Fastify from 'fastify';

// The least that queueing a run could be: one route, one prepared row, one delayed job. `bare-queue.ts REDIS_URL FILE`.

const [redisUrl = '', file = ''] = process.argv.slice(2);
const database = new SqliteDatabase(file);
// As the api opens its own.
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
database.exec('create table runs (id text primary key, body text not null, created_at integer not null)');
const insert = database.prepare('insert into runs values (?, ?, ?)');
// The same options of the same ioredis; BullMQ's copy of the type differs only in how it writes "may be undefined".
const connection = redisOptions(redisUrl) as ConnectionOptions;
const queue = new Queue('bare', { connection });
const app = Fastify();
app.post('/', async (request, reply) => {
  const id = randomUUID();
  insert.run(id, JSON.stringify(request.body), Date.now());
  await queue.add('run', {}, { jobId: id, delay: 3_600_000 });
  return reply.status(201).send({ data: { id, type: 'runs' } });
});
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
