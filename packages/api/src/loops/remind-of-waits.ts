import { awaitedDevice } from '../domain/awaited-device.ts';
import { nextReminder, stillAwaitingLine } from '../domain/challenge.ts';
import { type Change, change, type RunCore } from '../services/run-core.ts';
import { type Challenge, challengesToRemindOf, updateOpenChallenge } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import { requireRun } from '../store/runs.ts';

/** One transaction speaks of this many waits, so that a crowd of them does not hold the database for long. */
const atATime = 100;

/**
 * Says in the logs of waiting runs that they still wait. Through the outbox: its order keeps the line before the job of a
 * phase that is released a moment later, since a log belongs to the worker from then on.
 */
export async function remindOfWaits(core: Omit<RunCore, 'sealer'>): Promise<void> {
  for (;;) {
    if (challengesToRemindOf(core.database, core.clock.now(), 1).length === 0) return;
    change(core, (now) => {
      for (const challenge of challengesToRemindOf(now.transaction, now.at, atATime)) remindOf(now, challenge);
    });
    // Requests come in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function remindOf({ transaction, at, settings }: Change, challenge: Challenge): void {
  const { id, runId, phase, deadlineAt, remindAt } = challenge;
  if (deadlineAt === null || remindAt === null) return;
  const next = nextReminder({ due: remindAt, now: at, deadlineAt, everyMs: settings.mfaReminderMs });
  updateOpenChallenge(transaction, id, { remindAt: next });
  const lines = [
    stillAwaitingLine({ device: awaitedDevice(requireRun(transaction, runId), challenge), deadlineAt, now: at }),
  ];
  const once = `${id}.reminder.${remindAt.getTime()}`;
  enqueue(transaction, { runId, at }, { kind: 'append-log', phase, lines, once });
}
