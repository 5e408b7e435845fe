import { logKey } from '@gatehouse/shared/log-stream';
import type { Phase } from '@gatehouse/shared/run-status';
import { readPhaseLog } from '../../../packages/api/src/services/read-phase-log.ts';
import { Broken, type Tally } from './tally.ts';
import type { World } from './world.ts';

export const rules = {
  whole: 'logs are whole, and archived as streamed',
} as const;

type Row = { runId: string; phase: Phase; archivedAt: number | null };

export async function judgeLogs(world: World, tally: Tally): Promise<void> {
  const rows = world.rows<Row>('select run_id as runId, phase, log_archived_at as archivedAt from run_phases');
  for (const { runId, phase, archivedAt } of rows) {
    if (world.logs.judged.has(logKey(runId, phase))) continue;
    tally.judged(rules.whole, 1);
    const wrong =
      (await world.logs.readOn(world.redis, runId, phase)) ??
      (archivedAt === null ? undefined : world.logs.judge(runId, phase, await archived(world, runId, phase)));
    if (wrong === undefined) continue;
    const name = world.runs.find(({ id }) => id === runId)?.name ?? runId;
    throw new Broken(rules.whole, `the ${phase} of ${name}: ${wrong}`);
  }
}

/** As a reader gets it, in slices. */
async function archived(world: World, runId: string, phase: Phase): Promise<Buffer> {
  const slices: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    const { bytes } = await readPhaseLog(world, { runId, phase, offset, limit: 4096 });
    if (bytes.length === 0) return Buffer.concat(slices);
    slices.push(bytes);
    offset += bytes.length;
  }
}
