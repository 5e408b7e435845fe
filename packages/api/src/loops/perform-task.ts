import type { Sealer } from '@gatehouse/shared/seal';
import type { OutboxTask } from '../domain/outbox-task.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { appendPhaseLines, openPhaseLog } from '../logs/live-log.ts';
import type { PageEvents } from '../queue/page-events.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import { dropSession, sendPhaseMessage } from '../queue/sealed-keys.ts';
import { announceRun, announceSettings } from '../services/announce.ts';
import type { ArchiveLogDependencies } from '../services/archive-log.ts';
import { closePhaseLog } from '../services/close-phase-log.ts';
import { discardOutdatedPlan } from '../services/discard-outdated-plan.ts';

export type TaskDependencies = ArchiveLogDependencies & {
  sealer: Sealer;
  settings: RunSettings;
  relay: { wake(): void };
  queue: RunQueue;
  changes: Pick<RunChanges, 'publish'>;
  pageEvents: Pick<PageEvents, 'publish'>;
};

/** Does one task of the outbox. Each of them may be done again. */
export async function performTask(dependencies: TaskDependencies, runId: string, task: OutboxTask): Promise<void> {
  const { queue, redis } = dependencies;
  switch (task.kind) {
    case 'announce':
      return announceRun(dependencies, runId, task);
    case 'announce-settings':
      return announceSettings(dependencies, task);
    case 'park-challenge':
      return queue.parkChallenge(task.challengeId, task.attempt, new Date(task.deadlineMs));
    case 'remove-challenge':
      return queue.removeChallenge(task.challengeId, task.attempt);
    case 'queue-phase':
      return queue.queuePhase(runId, task.phase);
    case 'remove-phase':
      return queue.removePhase(runId, task.phase);
    case 'open-log':
      await openPhaseLog(dependencies, { runId, phase: task.phase });
      return;
    case 'append-log':
      return appendPhaseLines(dependencies, { runId, phase: task.phase, lines: task.lines, once: task.once });
    case 'close-log':
      return closePhaseLog(dependencies, { runId, phase: task.phase, lines: task.lines });
    case 'send-cancel':
      return sendPhaseMessage(dependencies, runId, task.phase, { mode: task.mode, cause: task.cause });
    case 'send-news':
      return sendPhaseMessage(dependencies, runId, task.phase, { news: true });
    case 'discard-outdated-plan':
      return discardOutdatedPlan(dependencies, runId);
    case 'drop-session':
      return dropSession(redis, runId, task.phase);
    default:
      return task satisfies never;
  }
}
