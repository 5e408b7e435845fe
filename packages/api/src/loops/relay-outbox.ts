import type { Clock } from '../clock.ts';
import type { OutboxTask } from '../domain/outbox-task.ts';
import type { Database } from '../store/database.ts';
import { completeTask, nextTask, type OutboxRow, postponeTask, runsWithDueTasks } from '../store/outbox.ts';

export type OutboxRelay = {
  /** There may be something new: to be called after each commit. Returns at once. */
  wake(): void;
  /** Resolves when nothing is due any more. */
  settled(): Promise<void>;
  /** Finishes what it is at, and does no more. */
  close(): Promise<void>;
};

/** Runs that are relayed at a time: each is a few Redis commands, but archiving a long log takes seconds. */
const runsAtATime = 32;
/** Nothing tells when a task that was pushed back is due again, nor when another process died over one. */
const pollMs = 1_000;
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
  const busy = new Map<string, Promise<void>>();
  let isClosed = false;
  const timer = setInterval(wake, pollMs);

  function wake(): void {
    if (isClosed) return;
    for (const runId of due()) {
      if (busy.size >= runsAtATime) return;
      if (busy.has(runId)) continue;
      const relayed = relayRun(runId).finally(() => {
        busy.delete(runId);
        wake();
      });
      busy.set(runId, relayed);
    }
  }

  function due(): string[] {
    // More than can be taken, since those at work are among them.
    return runsWithDueTasks(database, clock.now(), runsAtATime * 2);
  }

  async function relayRun(runId: string): Promise<void> {
    let row: OutboxRow | undefined;
    try {
      // Not in the caller's turn: a commit returns before its consequences begin.
      await Promise.resolve();
      row = nextTask(database, runId, clock.now());
      while (row !== undefined && !isClosed) {
        await perform(runId, row.readTask());
        completeTask(database, row.sequence);
        row = nextTask(database, runId, clock.now());
      }
    } catch (error) {
      onFailure(runId, row?.kind ?? 'read', error);
      if (row) postponeTask(database, row.sequence, retryAt(row.attempts));
    }
  }

  function retryAt(attempts: number): Date {
    return new Date(clock.now().getTime() + Math.min(firstRetryMs * 2 ** attempts, longestRetryMs));
  }

  return {
    wake,
    async settled() {
      for (wake(); busy.size > 0; wake()) await Promise.race(busy.values());
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      await Promise.all(busy.values());
    },
  };
}
