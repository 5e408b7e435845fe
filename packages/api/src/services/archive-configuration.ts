import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import {
  archiveConfigurationVersion,
  type ConfigurationVersion,
  findConfigurationVersion,
} from '../store/configuration-versions.ts';
import type { Database } from '../store/database.ts';
import { requireOwner } from './authorize.ts';
import { requireVisible } from './require-visible.ts';

/**
 * Drops the bytes of a configuration version that nobody will run any more; the version stays. Owners only. Once more
 * does the same again, since the process may have died in between. Throws `conflict`.
 */
export async function archiveConfiguration(
  { database, blobs, clock }: { database: Database; blobs: BlobStore; clock: Clock },
  actor: Actor,
  id: string,
): Promise<void> {
  const version = requireVisibleConfiguration(database, actor, id);
  await requireOwner(database, actor, version.organization);
  await archiveConfigurationVersion(database, actor, version, clock.now());
  await blobs.delete(blobKeys.configuration(id));
}

export function requireVisibleConfiguration(database: Database, actor: Actor, id: string): ConfigurationVersion {
  return requireVisible(database, actor, findConfigurationVersion(database, id), `configuration version ${id}`);
}

/** The same, where its bytes are wanted: those of an archived one are gone (`not_found`). */
export function requireDownloadable(database: Database, actor: Actor, id: string): ConfigurationVersion {
  const version = requireVisibleConfiguration(database, actor, id);
  if (version.status === 'archived') {
    throw new GatehouseError('not_found', `Configuration version ${id} was archived; its files are gone.`);
  }
  return version;
}
