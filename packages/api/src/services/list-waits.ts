import { canConfirm, type Phase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import { type Challenge, isOpen } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import { organizationsOfMember } from '../store/organizations.ts';
import { type RunDetails, runDetails } from '../store/run-details.ts';
import { waitingRuns } from '../store/waits.ts';

/** A run that waits for somebody: for a code, or, without `challenge`, for a decision alone. */
export type Wait = { details: RunDetails; phase: Phase; challenge: Challenge | undefined; since: Date };

/** Everything that waits for the actor, whichever of her organizations it is in; what has waited longest first. */
export function listWaits({ database }: { database: Database }, actor: Actor): Wait[] {
  const runs = waitingRuns(database, organizationsOfMember(database, actor.userId));
  return runDetails(database, runs)
    .map(waitOf)
    .toSorted((a, b) => a.since.getTime() - b.since.getTime());
}

function waitOf(details: RunDetails): Wait {
  const challenge = details.challenges.findLast(isOpen);
  const phase = challenge?.phase ?? 'apply';
  // The last change of status is when it began to wait: for an apply that is the end of its plan or the decision.
  const since = details.history.at(-1)?.at ?? details.run.createdAt;
  const planned = canConfirm(details.run.status);
  return { details, phase, challenge, since: planned ? since : (challenge?.createdAt ?? since) };
}
