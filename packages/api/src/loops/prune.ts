import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { forgetWorkers } from '../store/workers.ts';

/** Long enough to see on the dashboard in the morning which worker died at night. */
const forgetWorkersAfterMs = 24 * 3_600_000;

export function prune({ database, clock }: { database: Database; clock: Clock }): void {
  forgetWorkers(database, new Date(clock.now().getTime() - forgetWorkersAfterMs));
}
