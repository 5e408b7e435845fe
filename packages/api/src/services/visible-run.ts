import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { findRun, type Run } from '../store/runs.ts';
import { refuseOrganizationToken } from './authorize.ts';
import { requireVisible } from './require-visible.ts';

/** The run, if the actor is a member of its organization; else `not_found`. */
export function requireVisibleRun(database: Database, actor: Actor, runId: string): Run {
  return requireVisible(database, actor, findRun(database, runId), `run ${runId}`);
}

/** The same for somebody who wants to decide on the run, or to answer its challenge; also throws `forbidden`. */
export function requireRunToDecide(database: Database, actor: Actor, runId: string): Run {
  const run = requireVisibleRun(database, actor, runId);
  refuseOrganizationToken(actor);
  return run;
}
