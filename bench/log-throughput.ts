import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { startBareLog } from './bare-log.ts';
import type { CountedLines } from './line-count.ts';
import { openLogReaders } from './log-readers.ts';
import { type Measurement, type Row, ratiosOf, withSpread } from './measurement.ts';
import type { Surroundings } from './surroundings.ts';

const rounds = 3;
const text = 'of the text that a tool writes when it has very much to say, as tools do, and nobody reads it all';
/** Terraform prints it in one go: as fast as it is read. */
const shown = {
  name: 'output',
  lines: 200_000,
  phase: 'plan' as const,
  args: ['plan', '-input=false'],
  mainTf: `
output "lines" {
  value = join("\\n", [
    for block in range(200) : join("\\n", formatlist("line %08d ${text}", range(block * 1000, (block + 1) * 1000)))
  ])
}
`,
};
/** Terraform copies the lines of a provisioner one by one, for which it needs more than a whole core. */
const copied = {
  name: 'provisioner',
  lines: 20_000,
  phase: 'apply' as const,
  args: ['apply', '-input=false', '-auto-approve'],
  mainTf: `
resource "terraform_data" "writer" {
  triggers_replace = timestamp()
  provisioner "local-exec" { command = "seq -f 'line %08.0f ${text}' 0 19999" }
}
`,
};

/** How fast the lines of one run reach a reader, beside the same terraform's by hand through the least that could be between. */
export async function logThroughput(surroundings: Surroundings): Promise<Measurement> {
  const bare = await startBareLog(surroundings.stack.dev.redisUrl);
  try {
    const rows: Row[] = [];
    for (const source of [shown, copied]) {
      const { api, workspace } = surroundings;
      const settings = { 'mfa-level': 'never', 'auto-apply': true };
      const { id, version } = await workspace(`log-throughput-${source.name}`, settings, source.mainTf);
      const ours: number[] = [];
      const least: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const run = await createRun(api, id, version, { 'plan-only': source.phase === 'plan' });
        const url = `${api.url}/api/v2/runs/${run.id}/logs/${source.phase}`;
        const through = await openLogReaders({ url, tokens: [api.token], watch: 'lines' });
        ours.push(rateOf(await through.counted, source.lines));
        await waitForRun(api, run.id, ['planned_and_finished', 'applied']);
        const name = `${source.name}-${round}`;
        const alone = await openLogReaders({ url: bare.urlOf(name), tokens: [''], watch: 'lines' });
        await bare.run(name, source.mainTf, source.args);
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

function rowOf(source: typeof shown | typeof copied, ours: readonly number[], least: readonly number[]): Row {
  const written = (rate: number) => rate.toFixed(1);
  const what = source === shown ? 'an output that terraform shows' : 'a provisioner, whose lines terraform copies';
  return {
    name: `log of one run → event stream: ${source.lines.toLocaleString('en')} lines of ${what}`,
    figures: `${withSpread(ours, written)} MiB/s, no line lost`,
    against: `the same terraform by hand → pipe → Redis → HTTP relay: ${withSpread(least, written)} MiB/s`,
    ratios: ratiosOf(ours, least),
    goal: 0.7,
    isAtLeast: true,
  };
}
