import { newId } from '@gatehouse/shared/ids';
import { type RunStatus, runStatuses } from '@gatehouse/shared/run-status';
import { count, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runConditions } from '../../src/store/run-filter.ts';
import { listRuns, type Run } from '../../src/store/runs.ts';
import { runs } from '../../src/store/schema/runs.ts';
import { workspaces } from '../../src/store/schema/workspaces.ts';
import { type RunWorld, startRunWorld } from '../run-world.ts';

let world: RunWorld;
let template: Run;
beforeAll(async () => {
  world = await startRunWorld();
  template = await world.run(await world.workspace('never'));
});
afterAll(() => world.close());

type Step =
  | { kind: 'insert'; place: number; status: RunStatus; planOnly: boolean }
  | { kind: 'change'; which: number; status: RunStatus }
  | { kind: 'delete'; which: number };

const status = fc.constantFrom(...runStatuses);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), place: fc.nat(1), status, planOnly: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), which: fc.nat(50), status }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), which: fc.nat(50) }) },
);

function doStep(taken: Step, places: readonly string[], made: string[]): void {
  const { database } = world;
  if (taken.kind === 'insert') {
    const { sequence: _, ...row } = template;
    const id = newId('run');
    const workspaceId = places[taken.place] ?? '';
    database
      .insert(runs)
      .values({ ...row, id, workspaceId, status: taken.status, planOnly: taken.planOnly })
      .run();
    made.push(id);
    return;
  }
  const id = made[taken.which % Math.max(1, made.length)];
  if (id === undefined) return;
  if (taken.kind === 'change') database.update(runs).set({ status: taken.status }).where(eq(runs.id, id)).run();
  else database.delete(runs).where(eq(runs.id, id)).run();
}

test('a list says how many runs it has, whatever was queued, changed and deleted before', async () => {
  const { database } = world;
  const check = (filter: Parameters<typeof listRuns>[1]) => {
    const counted = database.select({ runs: count() }).from(runs).where(runConditions(filter)).get()?.runs;
    const list = listRuns(database, filter, { limit: 100, offset: 0 });
    expect(list.totalCount).toBe(counted);
    expect(list.runs).toHaveLength(Math.min(100, counted ?? 0));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.subarray([...runStatuses]), async (steps, statuses) => {
      const places = [(await world.workspace('never')).id, (await world.workspace('never')).id];
      const made: string[] = [];
      for (const taken of steps) doStep(taken, places, made);
      for (const workspaceId of places) {
        check({ workspaceId });
        check({ workspaceId, withoutPlanOnly: true, statuses });
      }
      check({ organization: 'acme' });
      check({ organization: 'acme', statuses, sources: undefined });
      const [first = '', second = ''] = places;
      database.delete(workspaces).where(eq(workspaces.id, first)).run();
      check({ workspaceId: first });
      check({ organization: 'acme' });
      database.delete(runs).where(eq(runs.workspaceId, second)).run();
      check({ workspaceId: second, withoutPlanOnly: true });
    }),
    { numRuns: 25 },
  );
});

test('what no count is kept of is counted', () => {
  const one = listRuns(world.database, { organization: 'acme', text: template.id }, { limit: 10, offset: 0 });
  expect(one).toMatchObject({ totalCount: 1, runs: [{ id: template.id }] });
  const none = listRuns(world.database, { organization: 'acme', nothing: true }, { limit: 10, offset: 0 });
  expect(none).toEqual({ totalCount: 0, runs: [] });
});
