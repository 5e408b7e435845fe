import * as fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../../packages/shared/test/private-redis.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';
import { rules as codeRules } from './code-rules.ts';
import { drain, rules as endRules } from './drain.ts';
import { rules as logRules } from './log-rules.ts';
import { rules as queueRules } from './queue-rules.ts';
import { rules as runRules } from './run-rules.ts';
import { rules as stateRules } from './state-rules.ts';
import { ended, rules as stepRules, stepsOf } from './step.ts';
import { stepsOfCodes } from './steps-of-codes.ts';
import { stepsOfHarm } from './steps-of-harm.ts';
import { stepsOfPeople } from './steps-of-people.ts';
import { stepsOfWorkers } from './steps-of-workers.ts';
import { stepsToAStatus } from './steps-to-a-status.ts';
import { stepsTogether } from './steps-together.ts';
import { Broken, createTally } from './tally.ts';
import { openWorld } from './world.ts';

// Random sequences of what people, workers and harm do, against the real api on a real store and a real queue. They run
// once; each row says of one rule that it was looked at, after every step, and held.

const sequences = isWholeSuite ? 120 : 8;
const stepsEach = 240;
/** For the sequences, and, when one fails, for finding a short one that fails too. */
const timeMs = isWholeSuite ? 600_000 : 150_000;

const kinds = [
  ...stepsOfPeople,
  ...stepsOfCodes,
  ...stepsOfWorkers,
  ...stepsOfHarm,
  ...stepsTogether,
  ...stepsToAStatus,
];
const tally = createTally();
let redis: PrivateRedis;
/** Where what is left of a killed process may go on. */
let limbo: PrivateRedis;
let broken: Broken | undefined;
let failure: string | undefined;

beforeAll(async () => {
  redis = await startPrivateRedis();
  limbo = await startPrivateRedis();
  const steps = fc.commands(stepsOf(kinds, tally), { maxCommands: stepsEach, size: 'max' });
  const property = fc.asyncProperty(steps, async (commands) => {
    const world = await openWorld(redis, limbo);
    try {
      await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
      await ended('everything after the last step', drain(world, tally));
    } catch (error) {
      if (error instanceof Broken) broken = error;
      const why = error instanceof Error ? (error instanceof Broken ? error.message : error.stack) : String(error);
      throw new Error(
        `${why}\nWhat happened:\n${world.said.map((sentence, index) => `${index + 1}. ${sentence}`).join('\n')}`,
      );
    } finally {
      await ended('the end of the world', world.close());
    }
  });
  const run = await fc.check(property, {
    seed: suiteSeed,
    numRuns: sequences,
    interruptAfterTimeLimit: timeMs,
    // As long in the beginning as later: little happens in a short sequence.
    unbiased: true,
  });
  if (run.failed) {
    const why = run.errorInstance instanceof Error ? run.errorInstance.message : String(run.errorInstance);
    failure = `${await fc.asyncDefaultReportMessage(run)}\n\n${why}`;
  }
  if (isWholeSuite) process.stdout.write(`${tally.table()}\n`);
}, timeMs + 60_000);

afterAll(async () => {
  await redis.stop();
  await limbo.stop();
});

const area = 'Model: random sequences of calls, codes, reports and crashes';
const harm = 'anything, in any order';

for (const rule of Object.values({
  ...runRules,
  ...codeRules,
  ...stateRules,
  ...queueRules,
  ...logRules,
  ...stepRules,
  ...endRules,
})) {
  row({ area, harm, holds: rule, isChosen: true }, () => {
    if (failure !== undefined && (broken === undefined || broken.invariant === rule)) throw new Error(failure);
    expect(tally.checked.get(rule) ?? 0).toBeGreaterThan(0);
  });
}

row({ area, harm, holds: 'each kind of step is met' }, () => {
  expect(kinds.map(({ name }) => name).filter((name) => !tally.steps.has(name))).toEqual([]);
});

row({ area, harm, holds: 'each transition of the table is met' }, () => {
  expect(tally.missing()).toEqual([]);
});
