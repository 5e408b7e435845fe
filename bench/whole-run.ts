import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { followLog } from '@gatehouse/dev/follow-log';
import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { openSandbox } from '@gatehouse/worker/sandbox/sandbox';
import { type Measurement, median, milliseconds, ratiosOf } from './measurement.ts';
import type { Surroundings } from './surroundings.ts';

const rounds = 9;
const configuration = `
resource "terraform_data" "one" { input = timestamp() }
resource "terraform_data" "two" { input = terraform_data.one.output }
`;

/** A run from `POST /runs` to `applied`, beside init, plan and apply by hand in the same sandbox, in turns. */
export async function wholeRun({ api, workspace }: Surroundings): Promise<Measurement> {
  const { id, version } = await workspace('whole-run', { 'mfa-level': 'never', 'auto-apply': true }, configuration);
  const through: number[] = [];
  const byHand: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    const run = await createRun(api, id, version);
    // The end of the log is the soonest that a client can know: the final status is committed before it.
    await followLog(api, run.id, 'apply', () => {});
    await waitForRun(api, run.id, ['applied']);
    const hand = await runByHand();
    if (round === 0) continue; // Warms up.
    through.push(performance.now() - startedAt - hand);
    byHand.push(hand);
  }
  const row = {
    name: 'whole run (plan and apply of terraform_data)',
    figures: `p50 ${milliseconds(median(through))} (n ${rounds})`,
    against: `init, plan, apply by hand in the same sandbox: p50 ${milliseconds(median(byHand))}`,
    ratios: ratiosOf(through, byHand),
    goal: 1.25,
  };
  return { rows: [row] };
}

async function runByHand(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gh-by-hand-'));
  const [workDir, stateDir] = [path.join(folder, 'work'), path.join(folder, 'state')];
  for (const each of [workDir, stateDir]) await mkdir(each);
  await writeFile(path.join(workDir, 'main.tf'), configuration);
  const startedAt = performance.now();
  const sandbox = await openSandbox({
    runLabel: 'by-hand',
    mode: 'bubblewrap',
    identity: { uid: 31_000, gid: 31_000 },
    workDir,
    stateDir,
  });
  try {
    for (const args of [['init'], ['plan', '-out=plan'], ['apply', 'plan']]) {
      const argv = ['/usr/local/bin/terraform', ...args];
      const { exitCode } = await sandbox.run({ argv, environment: {}, onOutput: () => {} });
      if (exitCode !== 0) throw new Error(`terraform ${args.join(' ')} ended with ${exitCode}.`);
    }
    return performance.now() - startedAt;
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}
