import { appendLog, logKey } from '@gatehouse/shared/log-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDropStaleLogs } from '../../src/loops/drop-stale-logs.ts';
import { markLogArchived } from '../../src/store/phase-logs.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
beforeEach(async () => {
  world = await startRunWorld({});
});
afterEach(() => world.close());

test('logs that are archived, or of no run, go; one that is written stays', async () => {
  const [over, running] = [
    await world.run(await world.workspace('never')),
    await world.run(await world.workspace('never')),
  ];
  await world.relay.settled();
  await markLogArchived(world.database, { runId: over.id, phase: 'plan', sizeBytes: 1, at: world.clock.now() });
  const gone = `${over.id.slice(0, -4)}zzzz`;
  for (const id of [over.id, running.id, gone]) await appendLog(world.redis, logKey(id, 'plan'), Buffer.from('line\n'));
  await createDropStaleLogs(world)();
  const lives = await Promise.all([over.id, gone, running.id].map((id) => world.redis.ttl(logKey(id, 'plan'))));
  expect(lives[0]).toBeGreaterThan(0);
  expect(lives[1]).toBeGreaterThan(0);
  expect(lives[2]).toBe(-1);
});
