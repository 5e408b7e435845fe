import type { Clock } from '../clock.ts';
import { forgetAuthorizationCodes } from '../store/authorization-codes.ts';
import type { Database } from '../store/database.ts';
import { forgetWorkers } from '../store/workers.ts';

/** Long enough to see on the dashboard in the morning which worker died at night. */
const forgetWorkersAfterMs = 24 * 3_600_000;

/** Long enough that a code which was stolen and comes again is known, and its token revoked. */
const forgetCodesAfterMs = 24 * 3_600_000;

export function prune({ database, clock }: { database: Database; clock: Clock }): void {
  const now = clock.now().getTime();
  forgetWorkers(database, new Date(now - forgetWorkersAfterMs));
  forgetAuthorizationCodes(database, new Date(now - forgetCodesAfterMs));
}
