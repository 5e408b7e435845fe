import { authenticateRun, createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type Measurement, median, milliseconds, ratiosOf } from './measurement.ts';
import { openSurroundings } from './surroundings.ts';

const rounds = 3;
const each = 8;
const runners = 2;
const sleeps = 'resource "terraform_data" "one" {\n  provisioner "local-exec" { command = "sleep 60" }\n}';

/**
 * From a code being sent until its session is there, which is when the request is answered (M7): while every runner of
 * the only worker has an apply of a minute, beside the same while all are idle.
 */
export async function busyExchange(): Promise<Measurement> {
  const surroundings = await openSurroundings({ workerEnvironment: { GATEHOUSE_CONCURRENCY: String(runners) } });
  const { api, workspace, freshCode } = surroundings;
  try {
    const asks = await workspace('asks', { 'mfa-level': 'plans_and_applies' }, 'output "x" { value = 1 }');
    const exchange = async () => {
      const run = await createRun(api, asks.id, asks.version, { 'plan-only': true });
      const code = await freshCode();
      const sentAt = performance.now();
      await authenticateRun(api, run.id, code);
      return { ms: performance.now() - sentAt, run };
    };
    await exchange(); // Warms up.
    const idle: number[][] = [];
    for (let round = 0; round < rounds; round++) {
      const took: number[] = [];
      for (let count = 0; count < each; count++) {
        const { ms, run } = await exchange();
        took.push(ms);
        // The next one finds an idle worker again.
        await waitForRun(api, run.id, ['planned_and_finished']);
      }
      idle.push(took);
    }
    for (let runner = 0; runner < runners; runner++) {
      const { id, version } = await workspace(`sleeps-${runner}`, { 'mfa-level': 'never', 'auto-apply': true }, sleeps);
      const run = await createRun(api, id, version);
      await waitForRun(api, run.id, ['applying']);
    }
    const busy: number[][] = [];
    for (let round = 0; round < rounds; round++) {
      const took: number[] = [];
      for (let count = 0; count < each; count++) took.push((await exchange()).ms);
      busy.push(took);
    }
    const row = {
      name: `code sent → session ready while all ${runners} runners have applies of 60 s, p50`,
      figures: milliseconds(median(busy.flat())),
      against: `the same while they are idle: ${milliseconds(median(idle.flat()))}`,
      ratios: ratiosOf(busy.map(median), idle.map(median)),
      goal: 1.2,
    };
    return { rows: [row] };
  } finally {
    await surroundings.close();
  }
}
