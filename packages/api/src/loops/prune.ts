import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import { deleteAnnouncedStates } from '../store/announced-states.ts';
import { forgetAuthorizationCodes } from '../store/authorization-codes.ts';
import { forgetChecks } from '../store/aws-checks.ts';
import type { Database } from '../store/database.ts';
import { forgetWorkers } from '../store/workers.ts';

/** Long enough to see on the dashboard in the morning which worker died at night. */
const forgetWorkersAfterMs = 24 * 3_600_000;
/** Long enough that a code which was stolen and comes again is known, and its token revoked. */
const forgetCodesAfterMs = 24 * 3_600_000;
/** Long enough to come back to what was found. */
const forgetChecksAfterMs = 24 * 3_600_000;
/** Well after their upload addresses have ended; who was refused can read until then why. */
const forgetAnnouncedStatesAfterMs = 24 * 3_600_000;

export type PruneDependencies = { database: Database; clock: Clock; blobs: Pick<BlobStore, 'delete'> };

export async function prune({ database, clock, blobs }: PruneDependencies): Promise<void> {
  const now = clock.now().getTime();
  forgetWorkers(database, new Date(now - forgetWorkersAfterMs));
  forgetAuthorizationCodes(database, new Date(now - forgetCodesAfterMs));
  forgetChecks(database, new Date(now - forgetChecksAfterMs));
  for (const id of await deleteAnnouncedStates(database, new Date(now - forgetAnnouncedStatesAfterMs))) {
    // Of an upload that a crash cut off between its bytes and its row.
    await blobs.delete(blobKeys.state(id));
    await blobs.delete(blobKeys.stateJson(id));
  }
}
