import { newId } from '@gatehouse/shared/ids';
import { gateJobId } from '@gatehouse/shared/jobs';
import type { Phase } from '@gatehouse/shared/run-status';
import { awaitedDevice } from '../domain/awaited-device.ts';
import { authenticateUrl, awaitingLines, nextReminder, runUrl } from '../domain/challenge.ts';
import { shortSessionLine } from '../domain/session-length.ts';
import { type Challenge, findChallengeOfPhase, insertChallenge, updateOpenChallenge } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import type { Run } from '../store/runs.ts';
import { forecastOf } from '../store/session-forecasts.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import type { Change } from './run-core.ts';

/** Without a deadline a code may come, but nobody has decided yet. */
export function openChallenge(
  change: Change,
  run: Run,
  phase: Phase,
  due: Partial<Pick<Challenge, 'deadlineAt' | 'remindAt'>> = {},
): Challenge {
  return insertChallenge(change.transaction, {
    id: newId('challenge', change.at.getTime()),
    organization: run.organization,
    runId: run.id,
    phase,
    deadlineAt: null,
    remindAt: null,
    ...due,
    mfaSerial: run.mfaSerial ?? '',
    triesLeft: change.settings.mfaTries,
    createdAt: change.at,
  });
}

/**
 * The run may not go on without a code: gives the challenge of the phase its deadline and has its gate job parked.
 * `quietly`: the code is here already, so the log need not ask for it.
 */
export function awaitMfa(change: Change, run: Run, phase: Phase, options: { quietly: boolean }): Challenge {
  const { transaction, at, settings } = change;
  const deadlineAt = new Date(at.getTime() + settings.mfaDeadlineMs);
  const remindAt = nextReminder({ due: at, now: at, deadlineAt, everyMs: settings.mfaReminderMs });
  const due = { deadlineAt, remindAt };
  const opened = findChallengeOfPhase(transaction, run.id, phase);
  const challenge =
    opened === undefined
      ? openChallenge(change, run, phase, due)
      : (updateOpenChallenge(transaction, opened.id, due) ?? opened);
  if (options.quietly) enqueue(transaction, { runId: run.id, at }, { kind: 'open-log', phase });
  else {
    const url = runUrl(settings.publicUrl, {
      organization: run.organization,
      workspace: workspaceName(transaction, run.workspaceId),
      id: run.id,
    });
    const how = { url, authenticateUrl: authenticateUrl(settings.publicUrl, run.id) };
    const notice = shortSessionNotice(change, run, phase);
    const lines = [...awaitingLines({ phase, device: awaitedDevice(run, challenge), ...how, deadlineAt, notice })];
    enqueue(transaction, { runId: run.id, at }, { kind: 'append-log', phase, lines, once: `${challenge.id}.awaiting` });
  }
  parkChallenge(change, challenge, deadlineAt);
  return challenge;
}

/** Who gives a code for what takes longer than its session is told so before, not when a second one is asked for. */
function shortSessionNotice({ transaction, settings }: Change, run: Run, phase: Phase): string | undefined {
  return shortSessionLine(forecastOf(transaction, run, phase), {
    phase,
    roleArn: run.roleArn,
    isExtendable: run.awsDelivery === 'endpoint',
    extendBeforeMs: settings.mfaExtendBeforeMs,
  });
}

/** Has the gate job of the challenge's present try parked. */
export function parkChallenge(change: Change, challenge: Challenge, deadlineAt: Date): void {
  enqueue(
    change.transaction,
    { runId: challenge.runId, at: change.at },
    {
      kind: 'park-challenge',
      challengeId: challenge.id,
      attempt: challenge.attempt,
      deadlineMs: deadlineAt.getTime(),
    },
  );
}

/** Whether the challenge is exchanged by its own gate job, not by another one's of its batch. */
export function leadsItsExchange(challenge: Challenge): boolean {
  return challenge.exchangeId === gateJobId(challenge.id, challenge.attempt);
}
