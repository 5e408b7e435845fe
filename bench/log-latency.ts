import type { ApiClient } from '@gatehouse/dev/api-client';
import { createRun, waitForRun } from '@gatehouse/dev/run-client';
import { type BareLog, startBareLog } from './bare-log.ts';
import { openLogReaders, type Waits } from './log-readers.ts';
import { type Measurement, median, milliseconds, type Row, ratiosOf } from './measurement.ts';
import { readerTokens } from './reader-tokens.ts';
import type { Surroundings } from './surroundings.ts';

const rounds = 3;
const counts = [1, 100, 1_000];
const lines = 100;
const script = `for line in $(seq ${lines}); do date '+written %s%N'; sleep 0.02; done`;
const configuration = `
resource "terraform_data" "writer" {
  triggers_replace = timestamp()
  provisioner "local-exec" { command = ${JSON.stringify(script)} }
}
`;

type Found = { readers: number; ours: Waits[]; least: Waits[] };

/** From a line being written inside the sandbox until readers have it, beside the same terraform's by hand over bare pub/sub. */
export async function logLatency({ api, workspace, stack }: Surroundings): Promise<Measurement> {
  const { id, version } = await workspace('log-latency', { 'mfa-level': 'never' }, configuration);
  const tokens = await readerTokens(api, stack.dev.organization, Math.max(...counts));
  const bare = await startBareLog(stack.dev.redisUrl);
  try {
    const found: Found[] = counts.map((readers) => ({ readers, ours: [], least: [] }));
    for (let round = 0; round < rounds; round++) {
      for (const { readers, ours, least } of found) {
        const ofEach = tokens.slice(0, readers);
        ours.push(await through(api, { id, version, tokens: ofEach }));
        least.push(await alone(bare, `${readers}-${round}`, ofEach));
      }
    }
    return { rows: found.flatMap(rowsOf), plots: [plotOf(found)] };
  } finally {
    await bare.stop();
  }
}

async function through(
  api: ApiClient,
  { id, version, tokens }: { id: string; version: string; tokens: readonly string[] },
): Promise<Waits> {
  const run = await createRun(api, id, version);
  await waitForRun(api, run.id, ['planned']);
  const url = `${api.url}/api/v2/runs/${run.id}/logs/apply`;
  const readers = await openLogReaders({ url, tokens, watch: 'times' });
  await api.call('POST', `/api/v2/runs/${run.id}/actions/apply`, {});
  const waits = complete(await readers.waited);
  await waitForRun(api, run.id, ['applied']);
  return waits;
}

async function alone(bare: BareLog, name: string, tokens: readonly string[]): Promise<Waits> {
  const readers = await openLogReaders({ url: bare.urlOf(name), tokens, watch: 'times' });
  await bare.run(name, configuration, 'apply');
  return complete(await readers.waited);
}

function complete(waits: Waits): Waits {
  if (waits.fewest !== lines) throw new Error(`${waits.fewest} of ${lines} lines reached a reader.`);
  return waits;
}

function rowsOf({ readers, ours, least }: Found): Row[] {
  return (['p50', 'p99'] as const).map((which) => {
    const [measured, beside] = [ours, least].map((all) => all.map((waits) => waits[which])) as [number[], number[]];
    return {
      name: `log line written in the sandbox → ${readers.toLocaleString('en')} readers of the event stream, ${which}`,
      figures: milliseconds(median(measured)),
      against: `the same terraform by hand → pipe → bare pub/sub → as many readers: ${milliseconds(median(beside))}`,
      ratios: ratiosOf(measured, beside),
      goal: 1.5,
    };
  });
}

function plotOf(found: readonly Found[]) {
  const line = (name: string, side: 'ours' | 'least', which: 'p50' | 'p99') => ({
    name,
    points: found.map((each) => ({ x: each.readers, y: median(each[side].map((waits) => waits[which])) })),
  });
  return {
    name: 'log-latency',
    title: 'A log line on its way to its readers',
    x: 'readers',
    y: 'ms',
    hasLogarithmicX: true,
    lines: [
      line('Gatehouse, p50', 'ours', 'p50'),
      line('Gatehouse, p99', 'ours', 'p99'),
      line('bare pub/sub, p50', 'least', 'p50'),
      line('bare pub/sub, p99', 'least', 'p99'),
    ],
  };
}
