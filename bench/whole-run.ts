import { followLog } from '@gatehouse/dev/follow-log';
import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type ByHandOptions, bare, inBareSandbox } from './by-hand.ts';
import { awsByHand, terraformData } from './configurations.ts';
import { type Measurement, median, milliseconds, type Row, ratiosOf } from './measurement.ts';
import type { Surroundings } from './surroundings.ts';

/** A run from `POST /runs` to `applied`, beside its commands of terraform by hand, in turns. */
export async function wholeRun(surroundings: Surroundings): Promise<Measurement> {
  const rows = [await compare(surroundings, 'terraform_data', { mainTf: terraformData }, 9)];
  const mirror = process.env['GATEHOUSE_PROVIDER_MIRROR'];
  if (mirror === undefined)
    process.stderr.write('SKIPPED: a run with the real AWS provider (GATEHOUSE_PROVIDER_MIRROR).\n');
  else rows.push(await compare(surroundings, 'hashicorp/aws', awsByHand(surroundings.stack, mirror), 3));
  return { rows };
}

async function compare(
  { api, workspace }: Surroundings,
  name: string,
  byHand: ByHandOptions,
  rounds: number,
): Promise<Row> {
  const settings = { 'mfa-level': 'never', 'auto-apply': true };
  const { id, version } = await workspace(`whole-run-${name.replace('/', '-')}`, settings, byHand.mainTf);
  const through: number[] = [];
  const inSandbox: number[] = [];
  const typed: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    const run = await createRun(api, id, version);
    // The end of the log is the soonest that a client can know: the final status is committed before it.
    await followLog(api, run.id, 'apply', () => {});
    await waitForRun(api, run.id, ['applied']);
    const took = performance.now() - startedAt;
    const hand = { inSandbox: await inBareSandbox(byHand), typed: await bare(byHand) };
    if (round === 0) continue; // Warms up.
    through.push(took);
    inSandbox.push(hand.inSandbox);
    typed.push(hand.typed);
  }
  return {
    name: `whole run, plan and apply of ${name}`,
    figures: `p50 ${milliseconds(median(through))}`,
    against: `its four commands by hand, each in a bare sandbox: p50 ${milliseconds(median(inSandbox))} (without one: ${milliseconds(median(typed))})`,
    ratios: ratiosOf(through, inSandbox),
    goal: 1.25,
  };
}
