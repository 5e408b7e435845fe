import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { followLog } from '@gatehouse/dev/follow-log';
import { authenticateRun, createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type Measurement, median, milliseconds, quantile } from './measurement.ts';
import { type Surroundings, startMark, tellingVersion } from './surroundings.ts';

const rounds = 40;
/** Above the STS call (issue: p50 on an idle worker). */
const limitMs = 150;

/** From the code being sent until terraform's process starts, on an idle worker, the call of STS taken off. */
export async function codeToTerraform(surroundings: Surroundings): Promise<Measurement> {
  const { api, workspace, freshCode, stack } = surroundings;
  const settings = { 'mfa-level': 'plans_and_applies', 'terraform-version': tellingVersion };
  const { id, version } = await workspace('code-to-terraform', settings, 'output "x" { value = 1 }');
  const waits: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const run = await createRun(api, id, version, { 'plan-only': true });
    const code = await freshCode();
    const sentAt = Date.now();
    await authenticateRun(api, run.id, code);
    let log = '';
    await followLog(api, run.id, 'plan', (text) => {
      log += text;
    });
    const startedAt = Number(new RegExp(`${startMark} (\\d+)`).exec(log)?.[1]) / 1e6;
    if (round > 0) waits.push(startedAt - sentAt); // The first one warms up.
    await waitForRun(api, run.id, ['planned_and_finished']);
  }
  const stsMs = median(await stsTimes(stack.logFolder));
  const above = waits.map((wait) => wait - stsMs);
  const row = {
    name: 'code sent → terraform started, idle worker, STS call taken off',
    figures: `p50 ${milliseconds(median(above))}, p99 ${milliseconds(quantile(above, 0.99))} (STS ${milliseconds(stsMs)}, n ${rounds})`,
    against: `${limitMs} ms (p50)`,
    ratios: [median(above) / limitMs],
    goal: 1,
  };
  return { rows: [row] };
}

async function stsTimes(logFolder: string): Promise<number[]> {
  const log = await readFile(path.join(logFolder, 'worker.log'), 'utf8');
  return [...log.matchAll(/"stsMs":(\d+)/g)].map((match) => Number(match[1]));
}
