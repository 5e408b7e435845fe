import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { runOf, runSchema } from '../../../src/api-client/run.ts';
import { nowAndNext } from '../../../src/features/environments/environment-runs.tsx';
import { aRun } from '../../pages/page-stage.tsx';

test('pending runs stand in the order of the queue; what needs a person leads the others', () => {
  const runs = [
    aRun('run-3', { 'gatehouse-status': 'pending', 'queue-position': 2 }),
    aRun('run-2', { 'gatehouse-status': 'pending', 'queue-position': 1 }),
    aRun('run-0', { 'gatehouse-status': 'planning', 'plan-only': true }),
    aRun('run-1', { 'gatehouse-status': 'planned' }),
  ].map((run) => runOf(z.parse(runSchema, run)));
  const { now, next } = nowAndNext(runs);
  expect(now.map(({ id }) => id)).toEqual(['run-1', 'run-0']);
  expect(next.map(({ id }) => id)).toEqual(['run-2', 'run-3']);
});
