import type { Phase } from '@gatehouse/shared/run-status';
import { and, asc, desc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import type { Database, Transaction } from './database.ts';
import { given, givenList, prepared, preparedInsert, preparedUpdate } from './prepared.ts';
import { challenges } from './schema/challenges.ts';
import { runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

export type Challenge = typeof challenges.$inferSelect;

/** Neither released, nor given up, nor withdrawn. */
export const openStates = ['awaiting', 'exchanging'] as const;

const rows = preparedInsert(challenges);

export function insertChallenge(
  transaction: Transaction,
  values: Pick<
    Challenge,
    'id' | 'organization' | 'runId' | 'phase' | 'deadlineAt' | 'mfaSerial' | 'triesLeft' | 'createdAt'
  > &
    Partial<Pick<Challenge, 'extension' | 'remindAt'>>,
): Challenge {
  return rows.get(transaction, { ...values, state: 'awaiting' });
}

export function isOpen(challenge: Pick<Challenge, 'state'>): boolean {
  return challenge.state === 'awaiting' || challenge.state === 'exchanging';
}

/** Its code extends the session of a phase that runs; every other one's lets a phase start. */
export function isExtension(challenge: Pick<Challenge, 'extension'>): boolean {
  return challenge.extension > 0;
}

/** Of all challenges of a run, in their order, the one to show: who may be asked now, else what its last phase started with. */
export function challengeInHand<Given extends Pick<Challenge, 'state' | 'extension'>>(
  ofRun: readonly Given[],
): Given | undefined {
  return (
    ofRun.findLast((challenge) => isExtension(challenge) && isOpen(challenge)) ??
    ofRun.findLast((challenge) => !isExtension(challenge))
  );
}

const byId = prepared((database) =>
  database
    .select()
    .from(challenges)
    .where(eq(challenges.id, given('id', challenges.id)))
    .prepare(),
);

export function findChallenge(database: Database | Transaction, id: string): Challenge | undefined {
  return byId(database).get({ id });
}

const ofPhase = prepared((database) =>
  database
    .select()
    .from(challenges)
    .where(
      and(
        eq(challenges.runId, given('runId', challenges.runId)),
        eq(challenges.phase, given('phase', challenges.phase)),
        eq(challenges.extension, 0),
      ),
    )
    .prepare(),
);

/** The challenge that the phase starts, or started, with. */
export function findChallengeOfPhase(
  database: Database | Transaction,
  runId: string,
  phase: Phase,
): Challenge | undefined {
  return ofPhase(database).get({ runId, phase });
}

/** The last time that the session of the phase was to be extended, open or not. */
export function latestExtension(database: Database | Transaction, runId: string, phase: Phase): Challenge | undefined {
  return database
    .select()
    .from(challenges)
    .where(and(eq(challenges.runId, runId), eq(challenges.phase, phase), gt(challenges.extension, 0)))
    .orderBy(desc(challenges.extension))
    .limit(1)
    .get();
}

/** There is one at a time: the next is raised when its code was taken. */
export function findOpenExtension(
  database: Database | Transaction,
  runId: string,
  phase: Phase,
): Challenge | undefined {
  const latest = latestExtension(database, runId, phase);
  return latest !== undefined && isOpen(latest) ? latest : undefined;
}

const ofRuns = prepared((database) =>
  database
    .select()
    .from(challenges)
    .where(inArray(challenges.runId, givenList('runIds')))
    .orderBy(asc(challenges.createdAt))
    .prepare(),
);

export function challengesOfRuns(database: Database | Transaction, runIds: readonly string[]): Challenge[] {
  return ofRuns(database).all({ runIds });
}

const openUpdate = preparedUpdate(challenges, {
  where: and(eq(challenges.id, given('openId', challenges.id)), inArray(challenges.state, openStates)),
});

/** Changes one challenge if it is still open; undefined when it is not, which is how a late change is dropped. */
export function updateOpenChallenge(
  transaction: Transaction,
  id: string,
  set: Partial<Omit<Challenge, 'id' | 'runId' | 'phase'>>,
): Challenge | undefined {
  return openUpdate(transaction, set, { openId: id });
}

/** What waits for a code in an organization, the nearest deadline first, those without one last. */
export function listOpenChallenges(
  database: Database | Transaction,
  organization: string,
): { challenge: Challenge; run: typeof runs.$inferSelect; workspaceName: string }[] {
  return database
    .select({ challenge: challenges, run: runs, workspaceName: workspaces.name })
    .from(challenges)
    .innerJoin(runs, eq(runs.id, challenges.runId))
    .innerJoin(workspaces, eq(workspaces.id, runs.workspaceId))
    .where(and(eq(challenges.organization, organization), inArray(challenges.state, openStates)))
    .all()
    .toSorted((a, b) => sortTime(a.challenge) - sortTime(b.challenge));
}

/** A challenge whose gate job should be parked; `row` tells those of one deadline apart. */
export type ParkedChallenge = { id: string; attempt: number; deadlineAt: Date; row: number };

const parkedAfter = prepared((database) =>
  database
    .select({
      id: challenges.id,
      attempt: challenges.attempt,
      deadlineAt: challenges.deadlineAt,
      row: sql<number>`rowid`,
    })
    .from(challenges)
    .where(
      and(
        eq(challenges.state, 'awaiting'),
        sql`(${challenges.deadlineAt}, rowid) > (${given('deadlineAt', challenges.deadlineAt)}, ${sql.placeholder('row')})`,
      ),
    )
    .orderBy(asc(challenges.deadlineAt), sql`rowid`)
    .limit(sql.placeholder('limit'))
    .prepare(),
);

/** In pages, by their deadlines: of all that ever were, only those that wait are read. */
export function parkedChallenges(
  database: Database,
  after: Pick<ParkedChallenge, 'deadlineAt' | 'row'>,
  limit: number,
): ParkedChallenge[] {
  const page = parkedAfter(database).all({ deadlineAt: after.deadlineAt, row: after.row, limit });
  return page.flatMap(({ deadlineAt, ...challenge }) => (deadlineAt === null ? [] : [{ ...challenge, deadlineAt }]));
}

export function challengesPastDeadline(database: Database, now: Date, limit: number): Challenge[] {
  return database
    .select()
    .from(challenges)
    .where(and(eq(challenges.state, 'awaiting'), lte(challenges.deadlineAt, now)))
    .orderBy(asc(challenges.deadlineAt))
    .limit(limit)
    .all();
}

/** Waits whose log should say again that they wait. Nothing is said while a code is being checked. */
export function challengesToRemindOf(database: Database | Transaction, now: Date, limit: number): Challenge[] {
  return database
    .select()
    .from(challenges)
    .where(and(eq(challenges.state, 'awaiting'), gt(challenges.deadlineAt, now), lte(challenges.remindAt, now)))
    .orderBy(asc(challenges.remindAt))
    .limit(limit)
    .all();
}

function sortTime(challenge: Challenge): number {
  return challenge.deadlineAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

/** When the session of a phase ends that was released by a code; undefined when none was. */
export function phaseSession(database: Database | Transaction, runId: string, phase: Phase): Date | undefined {
  return findChallengeOfPhase(database, runId, phase)?.sessionExpiresAt ?? undefined;
}
