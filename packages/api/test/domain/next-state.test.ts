import { describe, expect, test } from 'vitest';
import { judgeNextState, type StateIdentity, type StateWriter } from '../../src/domain/next-state.ts';

const current: StateIdentity = { serial: 5, lineage: 'L', md5: 'current', runId: 'run-1' };
const next = (change: Partial<StateIdentity> = {}): StateIdentity => ({
  ...current,
  serial: 6,
  md5: 'next',
  ...change,
});

const ownRun: StateWriter = { kind: 'run', runId: 'run-1' };
const otherRun: StateWriter = { kind: 'run', runId: 'run-2' };
const person: StateWriter = { kind: 'person', force: false };
const forcing: StateWriter = { kind: 'person', force: true };

describe('a state', () => {
  test.each([
    // who, what differs, verdict
    ['its own run', ownRun, {}, 'store'],
    ['the next run', otherRun, {}, 'store'],
    ['a person', person, {}, 'store'],
    ['its own run', ownRun, { md5: 'current', serial: 5 }, 'same'],
    ['the next run', otherRun, { md5: 'current', serial: 5 }, 'same'],
    ['a person', person, { md5: 'current', serial: 5 }, 'same'],
    ['a forcing person', forcing, { md5: 'current', serial: 5 }, 'same'],
    ['its own run', ownRun, { serial: 5 }, 'store'],
    ['the next run', otherRun, { serial: 5 }, /serial is 5/],
    ['a person', person, { serial: 5 }, /serial is 5/],
    ['a forcing person', forcing, { serial: 5 }, 'store'],
    ['its own run', ownRun, { serial: 4 }, /serial is 4/],
    ['the next run', otherRun, { serial: 4 }, /serial is 4/],
    ['a person', person, { serial: 4 }, /serial is 4/],
    ['a forcing person', forcing, { serial: 4 }, 'store'],
    ['its own run', ownRun, { lineage: 'M' }, /lineage is "M"/],
    ['the next run', otherRun, { lineage: 'M' }, /lineage is "M"/],
    ['a person', person, { lineage: 'M' }, /lineage is "M"/],
    ['a forcing person', forcing, { lineage: 'M' }, 'store'],
  ] as const)('of %s (%o) with %o: %s', (_who, writer, change, verdict) => {
    const judge = () => judgeNextState(current, next(change), writer);
    if (typeof verdict === 'string') expect(judge()).toBe(verdict);
    else expect(judge).toThrow(verdict);
  });

  test.each([ownRun, otherRun, person, forcing])('that is the first is stored, whoever it comes from: %o', (writer) => {
    expect(judgeNextState(undefined, next({ lineage: 'any', serial: 0 }), writer)).toBe('store');
  });

  test('is refused with a code that a worker knows', () => {
    expect(() => judgeNextState(current, next({ serial: 1 }), person)).toThrow(
      expect.objectContaining({ code: 'state_invalid' }),
    );
  });
});
