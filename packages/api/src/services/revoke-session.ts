import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { runningPhase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { recordAudit } from '../store/audit.ts';
import { challengesOfRuns } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import { phasesOfRuns, updatePhase } from '../store/phases.ts';
import { type Run, requireRun, touchRun } from '../store/runs.ts';
import { requireOwner } from './authorize.ts';
import { keepComment } from './comment-on-run.ts';
import { endRun } from './end-run.ts';
import { type Change, change, type RunCore } from './run-core.ts';
import { type RunSession, sessionOfRun } from './session-of-run.ts';
import { requireRunToDecide } from './visible-run.ts';
import { withdrawExtension } from './withdraw-challenge.ts';

type Revocation = { runId: string; comment: string; by: Actor };

/**
 * Ends the AWS session of a run, as far as Gatehouse has it in hand: terraform gets it no more and is asked to stop, and
 * no code extends it. What AWS itself still accepts of it ends with the policy that the run then shows. A phase that was
 * to start with it does not. Throws `invalid_transition` when there is no session, or no more.
 */
export async function revokeSession(core: Omit<RunCore, 'sealer'>, input: Revocation): Promise<Run> {
  const visible = requireRunToDecide(core.database, input.by, input.runId);
  await requireOwner(core.database, input.by, visible.organization, 'revoke the AWS session of a run');
  return change(core, (now) => {
    const { transaction } = now;
    const run = requireRun(transaction, visible.id);
    const phases = phasesOfRuns(transaction, [run.id]);
    const session = sessionOfRun({ run, phases, challenges: challengesOfRuns(transaction, [run.id]) });
    if (session === undefined || !session.isRevocable) throw notRevocable(run, session);
    return revoke(now, run, session, input);
  });
}

function revoke(now: Change, run: Run, session: RunSession, { comment, by }: Revocation): Run {
  const { transaction, at } = now;
  const { phase } = session;
  updatePhase(transaction, run.id, phase, {
    sessionRevokedAt: at,
    sessionRevokedBy: by.username,
    sessionAsksAt: null,
  });
  withdrawExtension(now, run.id, phase);
  enqueue(transaction, { runId: run.id, at }, { kind: 'drop-session', phase });
  recordAudit(transaction, {
    organization: run.organization,
    actor: by,
    action: 'run.session_revoked',
    targetType: 'runs',
    targetId: run.id,
    details: { phase, accessKeyId: session.accessKeyId, expiresAt: session.expiresAt?.toISOString() ?? null },
    at,
  });
  const said = { runId: run.id, comment, by };
  if (runningPhase(run.status) === undefined) {
    const ended = endRun(now, {
      runId: run.id,
      event: 'phaseFailed',
      reason: 'session_revoked',
      message: 'An owner revoked the AWS session before the phase started. Nothing of it ran.',
      by: by.username,
      comment,
      outcome: 'errored',
      logLines: [`Error: \`${by.username}\` revoked the AWS session.`],
    });
    keepComment(now, said);
    return ended;
  }
  // No line in the log, as with a cancellation: it belongs to the worker, which says so itself.
  const stop = { kind: 'send-cancel', phase, mode: 'interrupt', cause: 'session_revoked' } as const;
  enqueue(transaction, { runId: run.id, at }, stop);
  keepComment(now, said, { isInHistory: false });
  return touchRun(transaction, run.id, at);
}

function notRevocable(run: Run, session: RunSession | undefined): GatehouseError {
  const why =
    session?.revokedAt == null
      ? `Run ${run.id} is ${run.status}; no phase of it has an AWS session to revoke.`
      : `The AWS session of run ${run.id} was revoked by ${session.revokedBy} already.`;
  return new GatehouseError('invalid_transition', why);
}
