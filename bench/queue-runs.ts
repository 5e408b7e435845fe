import path from 'node:path';
import { createRun } from '@gatehouse/dev/run-client';
import { type Measurement, ratiosOf, withSpread } from './measurement.ts';
import { startOwnProgram } from './own-program.ts';
import { openSurroundings } from './surroundings.ts';

const clients = 32;
const rounds = 3;
const runsEach = 320;

/** `POST /runs` that then wait for a code, by 32 clients at once, in turns with the least that it could be. */
export async function queueRuns(): Promise<Measurement> {
  const surroundings = await openSurroundings();
  const { api, stack, workspace } = surroundings;
  const bare = await startOwnProgram('bare-queue.ts', stack.dev.redisUrl, path.join(stack.dataDirectory, 'bare.db'));
  try {
    const settings = { 'mfa-level': 'plans_and_applies' };
    const waiting = await inTurns(
      Array.from({ length: (rounds + 1) * runsEach }, (_, index) => index),
      (index) => workspace(`queued-${index}`, settings, 'output "x" { value = 1 }'),
    );
    const body = JSON.stringify({
      data: { type: 'runs', attributes: {}, relationships: { workspace: { data: waiting.values[0] } } },
    });
    const ours: number[] = [];
    const least: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const places = waiting.values.slice(round * runsEach, (round + 1) * runsEach);
      const through = await inTurns(places, ({ id, version }) => createRun(api, id, version));
      const alone = await inTurns(places, async () => {
        const answer = await fetch(bare.said, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        await answer.text();
      });
      if (round === 0) continue; // Warms up.
      ours.push((runsEach / through.ms) * 1000);
      least.push((runsEach / alone.ms) * 1000);
    }
    const perSecond = (rate: number) => rate.toFixed(0);
    const row = {
      name: 'runs queued per second, each waiting for a code, 32 clients',
      figures: `${withSpread(ours, perSecond)} per second (${rounds} × ${runsEach})`,
      against: `a bare route, one prepared row, one delayed job: ${withSpread(least, perSecond)} per second`,
      ratios: ratiosOf(ours, least),
      goal: 0.5,
      isAtLeast: true,
    };
    return { rows: [row] };
  } finally {
    await bare.stop();
    await surroundings.close();
  }
}

/** Does the work on all, by `clients` of which each does one after the other. */
async function inTurns<Item, Value>(items: readonly Item[], work: (item: Item) => Promise<Value>) {
  const values: Value[] = [];
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let index = next++; index < items.length; index = next++) {
        const item = items[index];
        if (item !== undefined) values[index] = await work(item);
      }
    }),
  );
  return { values, ms: performance.now() - startedAt };
}
