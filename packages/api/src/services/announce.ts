import { apiRunStatus, gatehouseStatus } from '@gatehouse/shared/api-status';
import type { OutboxTask } from '../domain/outbox-task.ts';
import type { PageEvent } from '../domain/page-event.ts';
import type { PageEvents } from '../queue/page-events.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import { challengesOfRuns } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import { findPhase } from '../store/phases.ts';
import { findRun, type Run } from '../store/runs.ts';
import { workspaceName } from '../store/workspace-queue.ts';

type Announcer = {
  database: Database;
  changes: Pick<RunChanges, 'publish'>;
  pageEvents: Pick<PageEvents, 'publish'>;
};

/** Tells everybody who waits or looks that a run has changed. What is told is how it is now, which may be newer than the task. */
export async function announceRun(
  { database, changes, pageEvents }: Announcer,
  runId: string,
  task: Extract<OutboxTask, { kind: 'announce' }>,
): Promise<void> {
  const run = findRun(database, runId);
  // One way to Redis and back: whatever follows in the outbox, such as the phase's job, waits for it.
  await Promise.all([
    changes.publish(runId, task.version),
    run === undefined ? undefined : pageEvents.publish(eventsOf(database, run, task.about ?? [])),
  ]);
}

function eventsOf(database: Database, run: Run, about: readonly ('challenge' | 'plan')[]): PageEvent[] {
  const { organization } = run;
  const data = {
    'run-id': run.id,
    'workspace-id': run.workspaceId,
    workspace: workspaceName(database, run.workspaceId),
    organization,
    status: apiRunStatus(run.status),
    'gatehouse-status': gatehouseStatus(run.status),
    version: run.version,
  };
  const events: PageEvent[] = [{ name: 'run.changed', organization, data }];
  const challenge = challengesOfRuns(database, [run.id]).at(-1);
  if (about.includes('challenge') && challenge !== undefined) {
    const { id, phase, state, triesLeft, deadlineAt } = challenge;
    const more = {
      'challenge-id': id,
      phase,
      state,
      'attempts-left': triesLeft,
      'deadline-at': deadlineAt?.toISOString() ?? null,
    };
    events.push({ name: 'challenge.changed', organization, data: { ...data, ...more } });
  }
  const plan = about.includes('plan') ? findPhase(database, run.id, 'plan') : undefined;
  if (plan !== undefined) events.push({ name: 'plan.ready', organization, data: { ...data, 'plan-id': plan.id } });
  return events;
}

export async function announceSettings(
  { pageEvents }: Pick<Announcer, 'pageEvents'>,
  task: Extract<OutboxTask, { kind: 'announce-settings' }>,
): Promise<void> {
  const { organization, workspaceId, workspace } = task;
  const data = { organization, 'workspace-id': workspaceId, workspace };
  await pageEvents.publish([{ name: 'settings.changed', organization, data }]);
}

/** A worker came, or takes new phases or not; null: a lane was stopped or goes on. For operators, after the commit. */
export async function announceWorker({ pageEvents }: Pick<Announcer, 'pageEvents'>, workerId: string | null) {
  await pageEvents.publish([{ name: 'worker.changed', organization: null, data: { 'worker-id': workerId } }]);
}
