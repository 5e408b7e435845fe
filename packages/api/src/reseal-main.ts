import path from 'node:path';
import { connectRedis } from '@gatehouse/shared/redis';
import { createSealer } from '@gatehouse/shared/seal';
import { blobsName, databaseName } from './backup/manifest.ts';
import { readResealConfig } from './config.ts';
import { resealBlobs } from './reseal/reseal-blobs.ts';
import { resealDatabase } from './reseal/reseal-database.ts';
import { resealRedis } from './reseal/reseal-redis.ts';
import { openDatabase } from './store/database.ts';

// `npm run reseal`: beside an api that runs. What was done stays done when it is ended; it goes on where it is begun again.

const say = (line: string) => process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const { dataDir, sealingKey, redisUrl } = readResealConfig();
  const sealer = createSealer(sealingKey);
  const { database, close } = openDatabase(path.join(dataDir, databaseName), { mustExist: true });
  const redis = connectRedis(redisUrl, {
    onError: (error) => say(`Redis: ${error.message}`),
    name: 'gatehouse-reseal',
  });
  try {
    const values = await resealDatabase(database, sealer);
    const blobs = await resealBlobs(path.join(dataDir, blobsName), sealer);
    const sessions = await resealRedis(redis, sealer);
    say(
      `Sealed anew with the key ${sealer.keyId}: ${values} values of the database, ${blobs} blobs, ${sessions} values in Redis.`,
    );
    say(
      values + blobs + sessions === 0
        ? 'Nothing stored needs another key. Take the others out once every phase has ended that began before.'
        : 'Run it again: when it finds nothing, the other keys can go, once every phase has ended that began before.',
    );
  } finally {
    close();
    redis.disconnect();
  }
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
