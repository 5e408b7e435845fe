import { type Measurement, median, milliseconds, ratiosOf } from './measurement.ts';
import { openSeeded } from './seeded-stack.ts';

const rounds = 5;
const runs = 100_000;

/** From the start of the api's process to its being ready, with many runs in its store, beside a store with one. */
export async function startUp(): Promise<Measurement> {
  const empty = await startTimes(1);
  const full = await startTimes(runs);
  const row = {
    name: `start of the api with ${runs.toLocaleString('en')} runs in the store, to ready`,
    figures: `p50 ${milliseconds(median(full))} (n ${rounds})`,
    against: `with one: p50 ${milliseconds(median(empty))}`,
    ratios: ratiosOf(full, empty),
    goal: 1.5,
  };
  return { rows: [row] };
}

async function startTimes(count: number): Promise<number[]> {
  const { stack, close } = await openSeeded(count);
  try {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      let startedAt = 0;
      await stack.restartApi({
        meanwhile: async () => {
          startedAt = performance.now();
        },
      });
      times.push(performance.now() - startedAt);
    }
    return times;
  } finally {
    await close();
  }
}
