import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import {
  type ConfigurationVersion,
  findConfigurationVersion,
  insertConfigurationVersion,
} from '../store/configuration-versions.ts';
import type { Database } from '../store/database.ts';
import { refuseOrganizationToken } from './authorize.ts';
import { requireWorkspace } from './find-workspace.ts';

export type NewConfigurationVersion = {
  workspaceId: string;
  /** For plan-only runs. */
  speculative: boolean;
  /** Queue a run as soon as the archive is there. */
  autoQueueRuns: boolean;
  /** For runs whose plan is saved. */
  provisional: boolean;
};

/** A configuration version that waits for its archive. */
export async function createConfigurationVersion(
  dependencies: { database: Database; clock: Clock },
  actor: Actor,
  input: NewConfigurationVersion,
): Promise<ConfigurationVersion> {
  const { database, clock } = dependencies;
  await requireWorkspace(database, actor, { id: input.workspaceId });
  refuseOrganizationToken(actor);
  const values = { ...input, createdBy: actor.userId, createdAt: clock.now() };
  const id = await insertConfigurationVersion(database, values);
  const version = findConfigurationVersion(database, id);
  if (version === undefined) throw new GatehouseError('internal', `Configuration version ${id} was not written.`);
  return version;
}
