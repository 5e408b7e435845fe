import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Phase } from '@gatehouse/shared/run-status';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findMembership } from '../store/memberships.ts';
import { findPhaseById } from '../store/phases.ts';
import { detailsOf, type RunDetails } from '../store/run-details.ts';
import { findRun } from '../store/runs.ts';

/** The run that the plan or apply of this id belongs to, if the actor may see it; else `not_found`. */
export function requireVisiblePhase(database: Database, actor: Actor, id: string, phase: Phase): RunDetails {
  const row = findPhaseById(database, id);
  const run = row?.phase === phase ? findRun(database, row.runId) : undefined;
  const membership = run && findMembership(database, run.organization, actor.userId);
  if (run === undefined || membership === undefined) {
    throw new GatehouseError('not_found', `There is no ${phase} ${id} that you may see.`);
  }
  return detailsOf(database, run);
}
