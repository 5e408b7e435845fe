import SqliteDatabase from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parkedChallenges } from '../../src/store/challenges.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { countEnded, countFailures, oldestAwaiting, oldestQueued } from '../../src/store/queue-figures.ts';
import { queuePositions } from '../../src/store/queue-positions.ts';
import { listRuns, type Run } from '../../src/store/runs.ts';
import { waitingRuns } from '../../src/store/waits.ts';
import { listWorkspaces } from '../../src/store/workspace-list.ts';
import { findActiveRun, readWorkspaceQueue } from '../../src/store/workspace-queue.ts';

// An installation of some years has a million runs that have ended, and as many challenges: no question about those that
// have not, and no first page of a list, may read them all.

const page = { limit: 20, offset: 0 };
const scope = ['acme'];
const pending = { id: 'run-1', organization: 'acme', status: 'pending', sequence: 9 } as Run;

const questions: Record<string, { ask: (database: Database) => unknown; by: string[] }> = {
  'the run that holds a workspace': { ask: (db) => findActiveRun(db, 'ws-1'), by: ['runs_workspace_status'] },
  'the queue of a workspace': {
    ask: (db) => readWorkspaceQueue(db, 'ws-1'),
    by: ['runs_workspace_status', 'runs_workspace_status'],
  },
  "a workspace's list": {
    ask: (db) => listRuns(db, { workspaceId: 'ws-1', withoutPlanOnly: true }, page),
    by: ['runs_workspace'],
  },
  "a workspace's list of one status": {
    ask: (db) => listRuns(db, { workspaceId: 'ws-1', statuses: ['planned'] }, page),
    by: ['runs_workspace_status'],
  },
  "an organization's list": { ask: (db) => listRuns(db, { organization: 'acme' }, page), by: ['runs_organization'] },
  'what waits for a person': {
    ask: (db) => waitingRuns(db, scope),
    by: ['runs_organization_status', 'challenges_phase'],
  },
  'the place in the queue': { ask: (db) => queuePositions(db, [pending]), by: ['runs_organization_status'] },
  'whose jobs should be parked': {
    ask: (db) => parkedChallenges(db, { deadlineAt: new Date(0), row: 0 }, 1_000),
    by: ['challenges_open'],
  },
  'since when a code is awaited': { ask: (db) => oldestAwaiting(db, scope), by: ['challenges_open', 'runs_id_unique'] },
  'since when a worker is awaited': { ask: (db) => oldestQueued(db, scope), by: ['runs_organization_status'] },
  'what failed today': { ask: (db) => countFailures(db, scope, new Date()), by: ['runs_status_ended'] },
  'what ended today': { ask: (db) => countEnded(db, scope, new Date()), by: ['runs_ended'] },
  'workspaces by their current run': {
    ask: (db) => listWorkspaces(db, 'acme', {}, page, '-current-run.created-at'),
    by: ['runs_workspace_status', 'runs_workspace_status', 'runs_workspace'],
  },
};

test.each(Object.entries(questions))('%s is answered by an index', async (_, { ask, by }) => {
  const prepare = vi.spyOn(SqliteDatabase.prototype, 'prepare');
  const { database, close } = openDatabase(':memory:');
  onTestFinished(close);
  prepare.mockClear();
  await ask(database);
  const statements = prepare.mock.calls.map(([sql], at) => ({
    sql,
    // `prepare` is called on nothing else.
    client: prepare.mock.contexts[at] as SqliteDatabase.Database,
  }));
  prepare.mockRestore();
  const plans = statements.flatMap(({ sql, client }) => {
    const parameters = Array.from(sql.matchAll(/\?/g), () => 1);
    return client.prepare<number[], { detail: string }>(`explain query plan ${sql}`).all(...parameters);
  });
  const growing = plans
    .map(({ detail }) => detail)
    .filter((detail) => /^(SCAN|SEARCH) (runs|r|challenges)\b/.test(detail));
  expect(growing.map((detail) => /^SEARCH \w+ USING (?:COVERING )?INDEX (\w+)/.exec(detail)?.[1] ?? detail)).toEqual(
    by,
  );
});
