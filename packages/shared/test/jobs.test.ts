import { expect, test } from 'vitest';
import { newId } from '../src/ids.ts';
import {
  atMostOnceJob,
  atMostOnceWorker,
  checkJobId,
  gateJobId,
  parseCheckJobId,
  parseGateJobId,
  parsePhaseJobId,
  phaseJobId,
} from '../src/jobs.ts';

test('job ids tell what they are for, and nothing else is taken for one', () => {
  const challengeId = newId('challenge');
  const runId = newId('run');
  expect(parseGateJobId(gateJobId(challengeId, 3))).toEqual({ challengeId, attempt: 3 });
  expect(parsePhaseJobId(phaseJobId(runId, 'apply'))).toEqual({ runId, phase: 'apply' });
  const checkId = newId('awsCheck');
  expect(parseCheckJobId(checkJobId(checkId))).toEqual({ checkId });
  expect(parseGateJobId(checkJobId(checkId))).toBeUndefined();
  for (const wrong of ['', 'run-1', 'run-1.destroy', 'mfa-1.x', 'x:mfa-1.1', `${runId}.plan.plan`]) {
    expect(parseGateJobId(wrong)).toBeUndefined();
    expect(parsePhaseJobId(wrong)).toBeUndefined();
    expect(parseCheckJobId(wrong)).toBeUndefined();
  }
});

test('BullMQ accepts the ids: it refuses a colon', () => {
  expect(gateJobId(newId('challenge'), 0)).not.toContain(':');
  expect(phaseJobId(newId('run'), 'plan')).not.toContain(':');
});

test('nothing that runs terraform or spends a code is retried by the queue', () => {
  expect(atMostOnceJob.attempts).toBe(1);
  expect(atMostOnceWorker).toMatchObject({ maxStalledCount: 0, maxStartedAttempts: 1 });
});
