import { redisOptions } from '@gatehouse/shared/redis';
import { type ConnectionOptions, Worker } from 'bullmq';

// A worker that does nothing: what the memory of Gatehouse's is held against. `bare-worker.ts REDIS_URL`.

const [redisUrl = ''] = process.argv.slice(2);
const worker = new Worker('bare', async () => {}, { connection: redisOptions(redisUrl) as ConnectionOptions });
await worker.waitUntilReady();
process.stdout.write('ready\n');
