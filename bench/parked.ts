import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRun } from '@gatehouse/dev/run-client';
import { queues } from '@gatehouse/shared/jobs';
import { connectRedis, type Redis } from '@gatehouse/shared/redis';
import SqliteDatabase from 'better-sqlite3';
import { codeSender } from './code-to-terraform.ts';
import { type Measurement, milliseconds, quantile, type Row, ratiosOf } from './measurement.ts';
import { multiplyWait } from './seeded-store.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

const parkedRuns = 100_000;
/** Queued over the API, and weighed: the others are copies of one of them. */
const weighedRuns = 1_000;
const rounds = 3;
const each = 12;
const mostBytes = 3 * 1024;

/** What a run that waits for a code weighs, and how long a code takes with very many of them beside a Gatehouse with none. */
export async function parked(): Promise<Measurement> {
  const empty = await openSurroundings();
  try {
    const full = await openSurroundings();
    try {
      const weights = await park(full);
      return { rows: [...weights, ...(await compare(full, empty))] };
    } finally {
      await full.close();
    }
  } finally {
    await empty.close();
  }
}

/** Parks all, and tells what one weighs. */
async function park(surroundings: Surroundings): Promise<Row[]> {
  const settings = { 'mfa-level': 'plans_and_applies' };
  const { id, version } = await surroundings.workspace('parked', settings, 'output "x" { value = 1 }');
  const before = await weigh(surroundings);
  let runId = '';
  for (let count = 0; count < weighedRuns; count++) {
    // Plan-only runs do not wait for one another.
    runId = (await createRun(surroundings.api, id, version, { 'plan-only': true })).id;
  }
  await untilParked(surroundings, weighedRuns);
  const after = await weigh(surroundings);
  await surroundings.restart((dataDirectory) => multiplyWait(dataDirectory, runId, parkedRuns - weighedRuns));
  // The api finds that they have no jobs, and adds them.
  await untilParked(surroundings, parkedRuns - 1);
  return (['Redis', 'database'] as const).map((where) => {
    const bytes = (after[where] - before[where]) / weighedRuns;
    return {
      name: `${where} that a run which waits for a code takes`,
      figures: `${(bytes / 1024).toFixed(2)} KiB (of ${weighedRuns})`,
      against: `${mostBytes / 1024} KiB`,
      ratios: [bytes / mostBytes],
      goal: 1,
    };
  });
}

/** Waits until so many gate jobs are delayed. */
async function untilParked(surroundings: Surroundings, runs: number): Promise<void> {
  await withRedis(surroundings, async (redis) => {
    while ((await redis.zcard(`bull:${queues.gate}:delayed`)) < runs) await delay(100);
  });
}

async function weigh(surroundings: Surroundings): Promise<Record<'Redis' | 'database', number>> {
  const memory = await withRedis(surroundings, weighRedis);
  const database = new SqliteDatabase(path.join(surroundings.stack.dataDirectory, 'api', 'gatehouse.db'), {
    readonly: true,
  });
  const pages = Number(database.pragma('page_count', { simple: true }));
  const free = Number(database.pragma('freelist_count', { simple: true }));
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  return { Redis: memory, database: (pages - free) * size };
}

/** But for the last changes, of which Redis keeps a number that does not grow with the runs. */
async function weighRedis(redis: Redis): Promise<number> {
  let bytes = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
  for (const stream of ['page-events', ...Object.values(queues).map((queue) => `bull:${queue}:events`)]) {
    bytes -= Number(await redis.memory('USAGE', stream, 'SAMPLES', 0));
  }
  return bytes;
}

async function withRedis<Value>({ stack }: Surroundings, work: (redis: Redis) => Promise<Value>): Promise<Value> {
  const redis = connectRedis(stack.dev.redisUrl, { onError: () => undefined });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function compare(full: Surroundings, empty: Surroundings): Promise<Row[]> {
  const [among, alone] = [await codeSender(full), await codeSender(empty)];
  const ours: number[][] = [];
  const beside: number[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const [slow, fast]: [number[], number[]] = [[], []];
    for (let count = 0; count < each; count++) {
      slow.push(await among());
      fast.push(await alone());
    }
    if (round === 0) continue; // Warms up.
    ours.push(slow);
    beside.push(fast);
  }
  return [
    { name: 'p50', share: 0.5 },
    { name: 'p90', share: 0.9 },
  ].map(({ name, share }) => {
    const [with_, without] = [ours, beside].map((all) => all.map((values) => quantile(values, share)));
    return {
      name: `code sent → terraform started, with ${parkedRuns.toLocaleString('en')} runs parked, ${name}`,
      figures: milliseconds(quantile(ours.flat(), share)),
      against: `with none: ${milliseconds(quantile(beside.flat(), share))}`,
      ratios: ratiosOf(with_ ?? [], without ?? []),
      goal: 1.2,
    };
  });
}
