import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type ByHandOptions, bare } from './by-hand.ts';
import { awsByHand, terraformData } from './configurations.ts';
import { type Measurement, median, ratiosOf, withSpread } from './measurement.ts';
import { openSurroundings, type Surroundings } from './surroundings.ts';

const rounds = 3;
const concurrencies = [1, 2, 4, 8];
/** In a round, by each of those who work at the same time; twice as many where there are few. */
const runsOfEach = (concurrency: number): number => (concurrency < 4 ? 2 : 1) * concurrency;

/** Runs per minute of one worker, by runs at the same time, beside the commands of terraform alone by as many hands. */
export async function runsPerMinute(): Promise<Measurement> {
  const atMost = String(Math.max(...concurrencies));
  const surroundings = await openSurroundings({ workerEnvironment: { GATEHOUSE_CONCURRENCY: atMost } });
  try {
    const small = await compare(surroundings, 'terraform_data', { mainTf: terraformData }, concurrencies);
    const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
    const aws =
      mirror === undefined
        ? []
        : await compare(surroundings, 'hashicorp/aws', awsByHand(surroundings.stack, mirror), [2]);
    const line = (name: string, of: (row: (typeof small)[number]) => readonly number[]) => ({
      name,
      points: small.map((row) => ({ x: row.concurrency, y: median(of(row)) })),
    });
    const plot = {
      name: 'runs-per-minute',
      title: 'Runs per minute of one worker, terraform_data',
      x: 'runs at the same time',
      y: 'runs per minute',
      lines: [line('Gatehouse', ({ ours }) => ours), line('terraform alone', ({ alone }) => alone)],
    };
    const rows = [...small, ...aws].map(({ name, concurrency, ours, alone }) => ({
      name: `runs per minute, ${concurrency} at the same time, ${name}`,
      figures: withSpread(ours, whole),
      against: `terraform alone: ${withSpread(alone, whole)}`,
      ratios: ratiosOf(ours, alone),
      goal: 0.8,
      isAtLeast: true,
    }));
    return { rows, plots: [plot] };
  } finally {
    await surroundings.close();
  }
}

const whole = (rate: number): string => rate.toFixed(0);

async function compare(
  { api, workspace }: Surroundings,
  name: string,
  byHand: ByHandOptions,
  counts: readonly number[],
) {
  const places: { id: string; version: string }[] = [];
  for (let place = 0; place < Math.max(...counts); place++) {
    const settings = { 'mfa-level': 'never', 'auto-apply': true };
    places.push(await workspace(`${name.replace('/', '-')}-${place}`, settings, byHand.mainTf));
  }
  const oneRun = async (place: number) => {
    const { id, version } = places[place] ?? { id: '', version: '' };
    const run = await createRun(api, id, version);
    await waitForRun(api, run.id, ['applied'], 180_000);
  };
  await oneRun(0); // Warms up.
  const rows = counts.map((concurrency) => ({
    name,
    concurrency,
    ours: [] as number[],
    alone: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { concurrency, ours, alone } of rows) {
      ours.push(await ratePerMinute(concurrency, oneRun));
      alone.push(await ratePerMinute(concurrency, () => bare(byHand)));
    }
  }
  return rows;
}

async function ratePerMinute(hands: number, work: (hand: number) => Promise<unknown>): Promise<number> {
  const runs = runsOfEach(hands);
  let left = runs;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: hands }, async (_, hand) => {
      while (left-- > 0) await work(hand);
    }),
  );
  return (runs / (performance.now() - startedAt)) * 60_000;
}
