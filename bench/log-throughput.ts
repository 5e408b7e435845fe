import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import type { Phase } from '@gatehouse/shared/run-status';
import { startBareLog } from './bare-log.ts';
import type { CountedLines } from './line-count.ts';
import { openLogReaders } from './log-readers.ts';
import { type Measurement, type Row, ratiosOf, withSpread } from './measurement.ts';
import type { Surroundings } from './surroundings.ts';

const rounds = 3;
const settings = { 'mfa-level': 'never', 'auto-apply': true };
const text = 'of the text that a tool writes when it has much to say, and nobody reads it all';
type Source = { name: string; what: string; lines: number; phase: Phase; mainTf: string };

/** Terraform writes it in one go: as fast as it is read. Longer lines would make more JSON than a plan may have. */
const shown: Source = {
  name: 'shown',
  what: 'of a value that terraform shows',
  lines: 200_000,
  phase: 'plan',
  mainTf: `
output "lines" {
  value = join("\\n", [
    for block in range(200) : join("\\n", formatlist("line %08d ${text}", range(block * 1000, (block + 1) * 1000)))
  ])
}
`,
};
const copied: Source = {
  name: 'copied',
  what: 'of a provisioner, which terraform copies one by one',
  lines: 20_000,
  phase: 'apply',
  mainTf: `
resource "terraform_data" "writer" {
  provisioner "local-exec" { command = "seq -f 'line %08.0f ${text}' 0 19999" }
}
`,
};

/** How fast the lines of one run reach a reader, beside the same terraform's by hand through the least that could be between. */
export async function logThroughput({ api, workspace, stack }: Surroundings): Promise<Measurement> {
  const bare = await startBareLog(stack.dev.redisUrl);
  try {
    const rows: Row[] = [];
    for (const source of [shown, copied]) {
      const ours: number[] = [];
      const least: number[] = [];
      for (let round = 0; round < rounds; round++) {
        // A new one each time: what is in a state is read again, and shown, by the next plan.
        const { id, version } = await workspace(`log-throughput-${source.name}-${round}`, settings, source.mainTf);
        const run = await createRun(api, id, version, { 'plan-only': source.phase === 'plan' });
        const url = `${api.url}/api/v2/runs/${run.id}/logs/${source.phase}`;
        const through = await openLogReaders({ url, tokens: [api.token], watch: 'lines' });
        ours.push(rateOf(await through.counted, source.lines));
        await waitForRun(api, run.id, ['planned_and_finished', 'applied']);
        const name = `${source.name}-${round}`;
        const alone = await openLogReaders({ url: bare.urlOf(name), tokens: [''], watch: 'lines' });
        await bare.run(name, source.mainTf, source.phase);
        least.push(rateOf(await alone.counted, source.lines));
      }
      rows.push(rowOf(source, ours, least));
    }
    return { rows };
  } finally {
    await bare.stop();
  }
}

/** MiB per second. */
function rateOf({ lines, bytes, ms }: CountedLines, wanted: number): number {
  if (lines !== wanted) throw new Error(`${lines} of ${wanted} lines arrived.`);
  return bytes / 1024 ** 2 / (ms / 1000);
}

function rowOf(source: Source, ours: readonly number[], least: readonly number[]): Row {
  const written = (rate: number) => rate.toFixed(1);
  return {
    name: `log of one run → event stream: ${source.lines.toLocaleString('en')} lines ${source.what}`,
    figures: `${withSpread(ours, written)} MiB/s, no line lost`,
    against: `the same terraform by hand → pipe → Redis → HTTP relay: ${withSpread(least, written)} MiB/s`,
    ratios: ratiosOf(ours, least),
    goal: 0.7,
    isAtLeast: true,
  };
}
