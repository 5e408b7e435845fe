import { followLog } from '@gatehouse/dev/follow-log';
import { createRun } from '@gatehouse/dev/run-client';
import { type Measurement, median, milliseconds, quantile } from './measurement.ts';
import type { Surroundings } from './surroundings.ts';

const lines = 300;
/** A log byte reaches a reader within this (p99). */
const limitMs = 250;
const script = `for line in $(seq ${lines}); do date '+written %s%N'; sleep 0.02; done`;
const configuration = `
resource "terraform_data" "writer" {
  provisioner "local-exec" { command = ${JSON.stringify(script)} }
}
`;

/** From a line being written inside the sandbox until a reader of the event stream has it. */
export async function logLatency({ api, workspace }: Surroundings): Promise<Measurement> {
  const { id, version } = await workspace('log-latency', { 'mfa-level': 'never', 'auto-apply': true }, configuration);
  const run = await createRun(api, id, version);
  await followLog(api, run.id, 'plan', () => {});
  const waits: number[] = [];
  let rest = '';
  await followLog(api, run.id, 'apply', (text) => {
    const now = Date.now();
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const written = /written (\d{19})/.exec(line)?.[1];
      if (written !== undefined) waits.push(now - Number(written) / 1e6);
    }
  });
  if (waits.length !== lines) throw new Error(`${waits.length} of ${lines} lines arrived.`);
  const row = {
    name: 'log line written in the sandbox → reader of the event stream',
    figures: `p50 ${milliseconds(median(waits))}, p99 ${milliseconds(quantile(waits, 0.99))} (n ${lines})`,
    against: `${limitMs} ms (p99)`,
    ratios: [quantile(waits, 0.99) / limitMs],
    goal: 1,
  };
  return { rows: [row] };
}
