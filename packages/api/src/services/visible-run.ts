import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findRun, type Run } from '../store/runs.ts';
import { refuseOrganizationToken } from './authorize.ts';
import { requireVisible } from './require-visible.ts';

/** The run, if the actor is a member of its organization; else `not_found`. */
export function requireVisibleRun(database: Database, actor: Actor, runId: string): Run {
  return requireVisible(database, actor, findRun(database, runId), `run ${runId}`);
}

/** For answers that stay open after the request was let in: whoever has left sees no more. */
export function isVisibleRun(database: Database, actor: Actor, runId: string): boolean {
  try {
    requireVisibleRun(database, actor, runId);
    return true;
  } catch (error) {
    if (isGatehouseError(error, 'not_found')) return false;
    throw error;
  }
}

/** Like `requireVisibleRun`, for somebody who wants to decide on the run, or to answer its challenge; also throws `forbidden`. */
export function requireRunToDecide(database: Database, actor: Actor, runId: string): Run {
  const run = requireVisibleRun(database, actor, runId);
  refuseOrganizationToken(actor);
  return run;
}
