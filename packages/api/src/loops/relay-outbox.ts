import type { Clock } from '../clock.ts';
import type { OutboxTask } from '../domain/outbox-task.ts';
import type { Database } from '../store/database.ts';
import { completeTask, nextTask, type OutboxRow, postponeTask, runsWithDueTasks } from '../store/outbox.ts';
import { createKeyedRelay, type Relay } from './keyed-relay.ts';

export type OutboxRelay = Relay;

/** Runs that are relayed at a time: each is a few Redis commands, but archiving a long log takes seconds. */
const runsAtATime = 32;
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
    step: doNextTask,
  });

  async function doNextTask(runId: string): Promise<boolean> {
    let row: OutboxRow | undefined;
    try {
      row = nextTask(database, runId, clock.now());
      if (row === undefined) return false;
      await perform(runId, row.readTask());
      completeTask(database, row.sequence);
      return true;
    } catch (error) {
      onFailure(runId, row?.kind ?? 'read', error);
      if (row) postponeTask(database, row.sequence, retryAt(row.attempts));
      return false;
    }
  }

  function retryAt(attempts: number): Date {
    return new Date(clock.now().getTime() + Math.min(firstRetryMs * 2 ** attempts, longestRetryMs));
  }
}
