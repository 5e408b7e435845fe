import type { Redis } from '@gatehouse/shared/redis';
import { expireArchivedLog } from '../services/archive-log.ts';
import type { Database } from '../store/database.ts';
import { findPhaseLog } from '../store/phase-logs.ts';

const pageSize = 1_000;

/**
 * Lets Redis drop logs that are archived, or of runs that are no more. A Redis that was put in the place of another, such as a
 * replica that lacks the last writes, may hold them for good: nobody asks for them any more. The answer is to be called
 * now and then; it looks where it finds another Redis than before.
 */
export function createDropStaleLogs({ redis, database }: { redis: Redis; database: Database }): () => Promise<void> {
  let seen: string | undefined;
  return async () => {
    const instance = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1];
    if (instance === seen) return;
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'log:run-*', 'COUNT', pageSize);
      for (const key of keys) await dropIfStale(key);
      cursor = next;
    } while (cursor !== '0');
    seen = instance;
  };

  async function dropIfStale(key: string): Promise<void> {
    const [, runId, phase] = /^log:(run-\w+):(plan|apply)$/.exec(key) ?? [];
    if (runId === undefined || (phase !== 'plan' && phase !== 'apply')) return;
    if ((await redis.ttl(key)) !== -1) return;
    const row = await findPhaseLog(database, { runId, phase });
    if (row === undefined || row.archivedAt !== null) await expireArchivedLog({ redis }, { runId, phase });
  }
}
