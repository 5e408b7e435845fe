import { newId } from '@gatehouse/shared/ids';
import { nextStatus, type RunStatus, runEvents, runStatuses } from '@gatehouse/shared/run-status';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/store/database.ts';
import { listHistory } from '../../src/store/history.ts';
import { applyEvent, type Run, requireRun } from '../../src/store/runs.ts';
import { runs } from '../../src/store/schema/runs.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
let run: Run;
beforeAll(async () => {
  world = await startRunWorld();
  run = await world.run(await world.workspace('never'));
});
afterAll(() => world.close());

/** The same run put into the status by hand: what led there does not matter to the rule. */
function setup(status: RunStatus) {
  world.database.update(runs).set({ status, version: 1 }).where(eq(runs.id, run.id)).run();
  return { at: new Date(), by: 'olga', runId: run.id };
}

const pairs = runStatuses.flatMap((status) => runEvents.map((event) => [status, event] as const));
const allowed = pairs.filter(([status, event]) => nextStatus(status, event) !== undefined);
const forbidden = pairs.filter(([status, event]) => nextStatus(status, event) === undefined);

describe('applyEvent', () => {
  test.each(allowed)('%s admits %s', (status, event) => {
    const how = setup(status);
    const before = listHistory(world.database, run.id).length;
    const applied = inTransaction(world.database, (transaction) => applyEvent(transaction, { ...how, event }));
    expect(applied.run.status).toBe(nextStatus(status, event));
    expect(applied.run.version).toBe(2);
    expect(applied.from).toBe(status);
    expect(listHistory(world.database, run.id).slice(before)).toMatchObject([
      { event, fromStatus: status, toStatus: applied.run.status, by: 'olga' },
    ]);
  });

  test.each(forbidden)('%s refuses %s, changes nothing, and says what the run is', (status, event) => {
    const how = setup(status);
    const before = listHistory(world.database, run.id).length;
    const attempt = () =>
      inTransaction(world.database, (transaction) =>
        applyEvent(transaction, { ...how, event, set: { message: 'no' } }),
      );
    expect(attempt).toThrowError(expect.objectContaining({ code: 'invalid_transition' }));
    expect(attempt).toThrowError(status);
    expect(requireRun(world.database, run.id)).toMatchObject({ status, version: 1, message: '' });
    expect(listHistory(world.database, run.id)).toHaveLength(before);
  });

  test('of a run that is not there is not found', () => {
    const applied = { runId: newId('run'), event: 'canceled', by: 'olga', at: new Date() } as const;
    const attempt = () => inTransaction(world.database, (transaction) => applyEvent(transaction, applied));
    expect(attempt).toThrowError(expect.objectContaining({ code: 'not_found' }));
  });
});
