import type { Clock } from '../clock.ts';
import type { OutboxTask } from '../domain/outbox-task.ts';
import type { Database } from '../store/database.ts';
import { completeTasks, nextTasks, type OutboxRow, postponeTask, runsWithDueTasks } from '../store/outbox.ts';
import { createKeyedRelay, type Relay } from './keyed-relay.ts';

export type OutboxRelay = Relay;

/** Runs that are relayed at a time: each is a few Redis commands, but archiving a long log takes seconds. */
const runsAtATime = 32;
/** Of one run, read and marked as done together. A crash has those done again that were not marked yet. */
const tasksAtATime = 8;
const firstRetryMs = 250;
const longestRetryMs = 30_000;

/**
 * Does what the outbox holds: in order within a run, runs beside each other. A task that fails is pushed back, longer
 * each time, and with it the later ones of its run, but no other run. A task may be done twice, never left out.
 */
export function createOutboxRelay(dependencies: {
  database: Database;
  clock: Clock;
  perform: (runId: string, task: OutboxTask) => Promise<void>;
  onFailure: (runId: string, kind: string, error: unknown) => void;
}): OutboxRelay {
  const { database, clock, perform, onFailure } = dependencies;
  return createKeyedRelay({
    atATime: runsAtATime,
    dueKeys: (limit) => runsWithDueTasks(database, clock.now(), limit),
    step: doNextTasks,
  });

  async function doNextTasks(runId: string, isClosed: () => boolean): Promise<boolean> {
    let at: OutboxRow | undefined;
    let done: OutboxRow | undefined;
    try {
      const rows = nextTasks(database, runId, clock.now(), tasksAtATime);
      for (const row of rows) {
        if (isClosed()) break;
        at = row;
        await perform(runId, row.readTask());
        done = row;
      }
      if (done) completeTasks(database, runId, done.sequence);
      return rows.length > 0;
    } catch (error) {
      onFailure(runId, at?.kind ?? 'read', error);
      if (done && done !== at) completeTasks(database, runId, done.sequence);
      if (at) postponeTask(database, at.sequence, retryAt(at.attempts));
      return false;
    }
  }

  function retryAt(attempts: number): Date {
    return new Date(clock.now().getTime() + Math.min(firstRetryMs * 2 ** attempts, longestRetryMs));
  }
}
