import { desc, eq, inArray } from 'drizzle-orm';
import type { Database } from './database.ts';
import { givenList, prepared } from './prepared.ts';
import { spentCodes } from './schema/challenges.ts';
import { runs } from './schema/runs.ts';
import { workspaces } from './schema/workspaces.ts';

/** The code of a device that AWS accepted last. */
export type LastSpent = {
  mfaSerial: string;
  at: Date;
  by: string;
  runId: string;
  organization: string;
  workspaceName: string;
};

const ofDevices = prepared((database) =>
  database
    .select({
      mfaSerial: spentCodes.mfaSerial,
      at: spentCodes.spentAt,
      by: spentCodes.spentByName,
      runId: spentCodes.runId,
      organization: runs.organization,
      workspaceName: workspaces.name,
    })
    .from(spentCodes)
    .innerJoin(runs, eq(runs.id, spentCodes.runId))
    .innerJoin(workspaces, eq(workspaces.id, runs.workspaceId))
    .where(inArray(spentCodes.mfaSerial, givenList('mfaSerials')))
    .orderBy(desc(spentCodes.spentAt))
    .prepare(),
);

/** By device. Old ones are dropped now and then only: what counts is decided by their time. */
export function lastSpentCodes(database: Database, mfaSerials: readonly string[]): Map<string, LastSpent> {
  if (mfaSerials.length === 0) return new Map();
  const rows = ofDevices(database).all({ mfaSerials: [...new Set(mfaSerials)] });
  // The newest first: it is the one that stays.
  return new Map(rows.toReversed().map((row) => [row.mfaSerial, row]));
}
