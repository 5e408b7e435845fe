import type { Sealer } from '@gatehouse/shared/seal';
import type { Clock } from '../clock.ts';
import type { RunSettings } from '../domain/run-settings.ts';
import { type Database, inTransaction, type Transaction } from '../store/database.ts';

/** What every use case of a run needs. */
export type RunCore = {
  database: Database;
  clock: Clock;
  sealer: Sealer;
  settings: RunSettings;
  /** Does what the outbox holds; woken after each commit. */
  relay: { wake(): void };
};

/** One transaction on runs: all that is written in it happens at one instant. */
export type Change = { transaction: Transaction; at: Date; settings: RunSettings };

/** Runs `work` as one transaction, then has the outbox relayed. */
export function change<Result>(
  core: Pick<RunCore, 'database' | 'clock' | 'settings' | 'relay'>,
  work: (change: Change) => Result,
): Result {
  const result = inTransaction(core.database, (transaction) =>
    work({ transaction, at: core.clock.now(), settings: core.settings }),
  );
  core.relay.wake();
  return result;
}

/** The name in histories of what nobody did but Gatehouse itself. */
export const ourselves = 'gatehouse';
