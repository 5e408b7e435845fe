import type { Actor } from '../domain/actor.ts';
import { recordAudit } from './audit.ts';
import { type Database, inTransaction } from './database.ts';

export type StateRead = {
  /** `state_version.downloaded`, `state_version_output.read`, `errored_state.downloaded`. */
  action: string;
  targetType: string;
  targetId: string;
  organization: string;
  /** Never a value. */
  details: Record<string, unknown>;
};

/** A state holds secrets in clear, so whoever takes one out is written down before it is given. */
export async function recordStateRead(database: Database, actor: Actor, read: StateRead, at: Date): Promise<void> {
  inTransaction(database, (transaction) => recordAudit(transaction, { ...read, actor, at }));
}
