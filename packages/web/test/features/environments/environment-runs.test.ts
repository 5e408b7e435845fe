import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Environment } from '../../../src/api-client/environments.ts';
import { runOf, runSchema } from '../../../src/api-client/run.ts';
import { nowAndNext } from '../../../src/features/environments/environment-runs.tsx';
import { needsPerson, standingsOf } from '../../../src/features/environments/environment-standing.ts';
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

test('a saved plan needs a person, but does not say how an environment stands that a run holds', () => {
  const runs = [
    aRun('run-2', { 'gatehouse-status': 'applying' }),
    aRun('run-1', { 'gatehouse-status': 'planned_and_saved', 'save-plan': true }),
  ].map((run) => runOf(z.parse(runSchema, run)));
  const environment = environmentOf('ws-1', 'network-prod');
  expect(runs.map(needsPerson)).toEqual([false, true]);
  expect(standingsOf([environment], runs, [])).toMatchObject([{ run: { id: 'run-2' }, waitingRuns: 0 }]);
  expect(standingsOf([environment], runs.slice(1), [])).toMatchObject([{ run: { id: 'run-1' }, waitingRuns: 0 }]);
});

/** As far as a standing looks at it. */
function environmentOf(id: string, name: string): Environment {
  return {
    id,
    name,
    organization: 'acme',
    resourceCount: 0,
    updatedAt: 0,
    lock: undefined,
    mfaLevel: 'never',
    autoApply: false,
    terraformVersion: 'latest',
    workingDirectory: '',
    roleArn: undefined,
    planSessionPolicy: undefined,
    planPolicyArns: undefined,
    sessionDurationSeconds: undefined,
    roleMaxSessionSeconds: undefined,
    acceptedIdentities: 'organization',
    delivery: 'endpoint',
    structuredOutput: false,
    description: '',
  };
}
