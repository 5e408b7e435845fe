import { newId } from '@gatehouse/shared/ids';
import { needsMfa } from '@gatehouse/shared/mfa-level';
import { runningPhase } from '@gatehouse/shared/run-status';
import { awaitedDevice } from '../domain/awaited-device.ts';
import { authenticateUrl, runUrl } from '../domain/challenge.ts';
import { extensionLines } from '../domain/extension-lines.ts';
import { extensionTriggers } from '../domain/notification-events.ts';
import { type Challenge, insertChallenge, isOpen, latestExtension, updateOpenChallenge } from '../store/challenges.ts';
import { enqueueNotifications } from '../store/notification-deliveries.ts';
import { type RunPhase, updatePhase } from '../store/phases.ts';
import { findRun, type Run, touchRun } from '../store/runs.ts';
import { workspaceName } from '../store/workspace-queue.ts';
import { parkChallenge } from './await-mfa.ts';
import { type Change, ourselves } from './run-core.ts';
import { tellPhase } from './tell-phase.ts';

/**
 * The session of a phase ends soon: a code is asked for that extends it, while terraform goes on and the run stays what it
 * is. Nobody is asked for what stops anyway. Whatever becomes of it, the phase has asked: its next session asks anew.
 */
export function raiseExtension(change: Change, phase: RunPhase): Challenge | undefined {
  const { transaction, at, settings } = change;
  updatePhase(transaction, phase.runId, phase.phase, { sessionAsksAt: null });
  const run = findRun(transaction, phase.runId);
  const deadlineAt = phase.sessionStopsAt;
  if (run === undefined || deadlineAt === null || deadlineAt <= at || !goesOn(run, phase)) return undefined;
  const before = latestExtension(transaction, run.id, phase.phase);
  // A newer session may be there before the report of the code that brought it.
  if (before !== undefined && isOpen(before)) return updateOpenChallenge(transaction, before.id, { deadlineAt });
  const challenge = insertChallenge(transaction, {
    id: newId('challenge', at.getTime()),
    organization: run.organization,
    runId: run.id,
    phase: phase.phase,
    extension: (before?.extension ?? 0) + 1,
    deadlineAt,
    mfaSerial: run.mfaSerial ?? '',
    triesLeft: settings.mfaTries,
    createdAt: at,
  });
  parkChallenge(change, challenge, deadlineAt);
  tellPhase(change, { runId: run.id, phase: phase.phase, lines: linesOf(change, run, challenge, phase, deadlineAt) });
  const told = touchRun(transaction, run.id, at);
  enqueueNotifications(transaction, told, { event: 'extension', by: ourselves, at }, extensionTriggers);
  return challenge;
}

function goesOn(run: Run, phase: RunPhase): boolean {
  return (
    runningPhase(run.status) === phase.phase &&
    phase.outcome === null &&
    phase.sessionRevokedAt === null &&
    run.cancelRequestedAt === null &&
    needsMfa(run.mfaLevel, phase.phase)
  );
}

function linesOf(
  { transaction, settings }: Change,
  run: Run,
  challenge: Challenge,
  { phase, sessionExpiresAt }: RunPhase,
  deadlineAt: Date,
): readonly string[] {
  const { organization, id } = run;
  const workspace = workspaceName(transaction, run.workspaceId);
  return extensionLines({
    phase,
    device: awaitedDevice(run, challenge),
    url: runUrl(settings.publicUrl, { organization, workspace, id }),
    authenticateUrl: authenticateUrl(settings.publicUrl, id),
    sessionEndsAt: sessionExpiresAt,
    deadlineAt,
  });
}
