import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type Measurement, median } from './measurement.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

const rounds = 3;
const workerCounts = [1, 2, 4];
const runsOfEach = 2;
const sleepSeconds = 8;
const sleeps = `resource "terraform_data" "one" {
  triggers_replace = timestamp()
  provisioner "local-exec" { command = "sleep ${sleepSeconds}" }
}`;

/** Runs per minute through one, two and four workers of one runner each, with applies that sleep: as many times as much. */
export async function growth(): Promise<Measurement> {
  const surroundings = await openSurroundings({ workerEnvironment: { GATEHOUSE_CONCURRENCY: '1' } });
  const rates = new Map<number, number[]>(workerCounts.map((count) => [count, []]));
  try {
    const places = [];
    for (let place = 0; place < Math.max(...workerCounts); place++) {
      const settings = { 'mfa-level': 'never', 'auto-apply': true };
      places.push(await surroundings.workspace(`sleeps-${place}`, settings, sleeps));
    }
    // With more workers each time, and again: they cannot be taken away without ending a stack.
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await surroundings.restart(() => {});
      for (const count of workerCounts) {
        while (surroundings.stack.services.workers.length < count) {
          await surroundings.stack.addWorker({ GATEHOUSE_CONCURRENCY: '1' });
        }
        rates.get(count)?.push(await runsPerMinute(surroundings, places.slice(0, count)));
      }
    }
  } finally {
    await surroundings.close();
  }
  const one = rates.get(1) ?? [];
  const rows = workerCounts.slice(1).map((count) => ({
    name: `runs per minute with ${count} workers, whose applies sleep ${sleepSeconds} s`,
    figures: `${median(rates.get(count) ?? []).toFixed(1)} per minute`,
    against: `${count} times those of one worker: ${(count * median(one)).toFixed(1)} per minute`,
    ratios: (rates.get(count) ?? []).map((rate, round) => rate / (count * (one[round] ?? Number.NaN))),
    goal: 0.9,
    isAtLeast: true,
  }));
  const line = (name: string, of: (count: number) => number) => ({
    name,
    points: workerCounts.map((count) => ({ x: count, y: of(count) })),
  });
  const plot = {
    name: 'growth',
    title: `Runs per minute by workers (applies that sleep ${sleepSeconds} s)`,
    x: 'workers',
    y: 'runs per minute',
    lines: [
      line('measured', (count) => median(rates.get(count) ?? [])),
      line('linear', (count) => count * median(one)),
    ],
  };
  return { rows, plots: [plot] };
}

async function runsPerMinute(
  { api }: Surroundings,
  places: readonly { id: string; version: string }[],
): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(
    places.map(async ({ id, version }) => {
      for (let count = 0; count < runsOfEach; count++) {
        const run = await createRun(api, id, version);
        await waitForRun(api, run.id, ['applied'], 120_000);
      }
    }),
  );
  return ((places.length * runsOfEach) / (performance.now() - startedAt)) * 60_000;
}
