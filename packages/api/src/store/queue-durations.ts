import type { Phase } from '@gatehouse/shared/run-status';
import { inArray, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { FigureScope } from './queue-figures.ts';
import { challenges } from './schema/challenges.ts';
import { runPhases, runs } from './schema/runs.ts';

/** Times in milliseconds; null when there was nothing to measure. */
export type Spread = { count: number; p50Ms: number | null; p95Ms: number | null };

/** From the asking for a code to the code that AWS accepted, of codes accepted since `since`. */
export function askToCode(database: Database, scope: FigureScope, since: Date): Spread {
  return spread(
    database,
    sql`select ${challenges.authenticatedAt} - ${challenges.createdAt} as ms from ${challenges}
        ${ofScope(scope, sql`${challenges.runId}`)} where ${challenges.authenticatedAt} >= ${since.getTime()}${scopeOf(scope)}`,
  );
}

/** How long phases took from their claim to their report, of those that ended since `since`. */
export function phaseDuration(database: Database, scope: FigureScope, phase: Phase, since: Date): Spread {
  return spread(
    database,
    sql`select ${runPhases.endedAt} - ${runPhases.startedAt} as ms from ${runPhases}
        ${ofScope(scope, sql`${runPhases.runId}`)} where ${runPhases.endedAt} >= ${since.getTime()}
        and ${runPhases.startedAt} is not null and ${runPhases.phase} = ${phase}${scopeOf(scope)}`,
  );
}

/** How long phases waited for a worker, of those that ended since `since`. */
export function queueWait(database: Database, scope: FigureScope, since: Date): Spread {
  return spread(
    database,
    sql`select ${runPhases.startedAt} - ${runPhases.queuedAt} as ms from ${runPhases}
        ${ofScope(scope, sql`${runPhases.runId}`)} where ${runPhases.endedAt} >= ${since.getTime()}
        and ${runPhases.startedAt} is not null and ${runPhases.queuedAt} is not null${scopeOf(scope)}`,
  );
}

function ofScope(scope: FigureScope, runId: SQL): SQL {
  return scope === 'all' ? sql`` : sql`join ${runs} on ${runs.id} = ${runId}`;
}

function scopeOf(scope: FigureScope): SQL {
  return scope === 'all' ? sql`` : sql` and ${inArray(runs.organization, [...scope])}`;
}

/** The nearest-rank percentiles of what `durations` selects as `ms`. */
function spread(database: Database, durations: SQL): Spread {
  const row = database.get<Spread>(sql`
    with ranked as (select ms, row_number() over (order by ms) as place, count(*) over () as total from (${durations}))
    select count(*) as count,
      min(case when place >= total * 0.5 then ms end) as p50Ms,
      min(case when place >= total * 0.95 then ms end) as p95Ms
    from ranked`);
  return row ?? { count: 0, p50Ms: null, p95Ms: null };
}
