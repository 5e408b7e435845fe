import { judgeCodes } from './code-rules.ts';
import { judgeLogs } from './log-rules.ts';
import { judgeQueues } from './queue-rules.ts';
import { judgeRuns } from './run-rules.ts';
import { judgeStates } from './state-rules.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';

/** What must hold after every step, whatever happened. */
export async function judgeAll(world: World, tally: Tally): Promise<void> {
  judgeRuns(world, tally);
  judgeCodes(world, tally);
  judgeStates(world, tally);
  await judgeQueues(world, tally);
  await judgeLogs(world, tally);
}
