import { expect } from 'vitest';
import { row } from '../suites/row.ts';
import type { FaultWorld } from './fault-world.ts';
import { nothing, type Tally } from './tally.ts';

const rules: readonly [keyof Tally, string][] = [
  ['appliedTwice', 'no apply touched the world outside terraform twice'],
  ['stuckRuns', 'every run ended'],
  ['brokenLogs', 'no byte of a log was lost or doubled'],
  ['lostStates', 'no state version was lost'],
  ['processes', 'no process of a sandbox was left'],
  ['sockets', 'no socket was left'],
  ['folders', 'no folder of a run was left'],
  ['redisKeys', 'no Redis key was left but what expires: within the hour, the end mark of a log within a week'],
];

/** The rows at the end of a file: ends its world, which no row may use after, and holds what it lost against nothing. */
export function tallyRows(harm: string, world: () => FaultWorld, isChosen = false): void {
  let tally: Promise<Tally> | undefined;
  for (const [part, holds] of rules) {
    row({ area: 'Tally', harm, when: 'after all of it', holds, isChosen, timeoutMs: 600_000 }, async () => {
      tally ??= world().end();
      expect((await tally)[part]).toEqual(nothing[part]);
    });
  }
}
