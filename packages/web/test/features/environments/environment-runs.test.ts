import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Environment } from '../../../src/api-client/environments.ts';
import { runOf, runSchema } from '../../../src/api-client/run.ts';
import { nowAndNext } from '../../../src/features/environments/environment-runs.tsx';
import { needsCode, needsPerson, standingsOf } from '../../../src/features/environments/environment-standing.ts';
import { aRun } from '../../pages/page-stage.tsx';
import { anMfa } from '../run/a-run.ts';

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

test('a run whose session ends needs a person while it runs, so its environment stands first', () => {
  const extension = anMfa({ phase: 'apply', purpose: 'extend' });
  const [extending, checking, running] = [
    aRun('run-1', { 'gatehouse-status': 'applying', mfa: extension }),
    aRun('run-2', { 'gatehouse-status': 'applying', mfa: { ...extension, state: 'exchanging' } }),
    aRun('run-3', { 'gatehouse-status': 'applying', 'workspace-id': 'ws-2' }),
  ].map((run) => runOf(z.parse(runSchema, run)));
  if (extending === undefined || checking === undefined || running === undefined) throw new Error('Three were made.');
  expect([extending, checking, running].map(needsPerson)).toEqual([true, false, false]);
  expect(needsCode({ ...extending, level: 'applies_only' })).toBe(true);
  const environments = [environmentOf('ws-2', 'a-first'), environmentOf('ws-1', 'network-prod')];
  const names = standingsOf(environments, [running, extending], []).map(({ environment }) => environment.name);
  expect(names).toEqual(['network-prod', 'a-first']);
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
