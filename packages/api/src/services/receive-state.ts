import { createHash } from 'node:crypto';
import { GatehouseError, isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import { blobKeys, readBlob } from '../blobs/blob-store.ts';
import { readLimited } from '../blobs/limited.ts';
import { maxStateBytes } from '../domain/state-file.ts';
import {
  type AnnouncedState,
  discardAnnouncedState,
  findAnnouncedState,
  noteAnnouncedJson,
} from '../store/announced-states.ts';
import type { Database } from '../store/database.ts';
import { findStateVersion, noteStateJson } from '../store/state-versions.ts';
import { maxStateJsonBytes, requireStateJson } from './state-json.ts';
import { type StoreStateDependencies, storeStateVersion } from './store-state-version.ts';
import { requireAsAnnounced } from './upload-state.ts';

type Upload = { id: string; body: AsyncIterable<Uint8Array> };

/**
 * The second step of an upload: the bytes of a state that was announced make it the current one, by the rules of this
 * moment. A state that breaks a rule discards the version, with the rule as the reason; one that was cut off may be sent
 * again, and the same bytes once more change nothing, since clients ask again when an answer got lost.
 */
export async function receiveState(dependencies: StoreStateDependencies, { id, body }: Upload): Promise<void> {
  const { database, blobs } = dependencies;
  const announced = findAnnouncedState(database, id);
  if (announced?.status === 'discarded') throw discarded(announced);
  if (announced?.status !== 'pending') {
    return requireSame(database, id, await readLimited(body, maxStateBytes, 'A state'));
  }
  try {
    const bytes = await readLimited(body, maxStateBytes, 'A state');
    requireAsAnnounced(bytes, announced);
    await storeAnnounced(dependencies, announced, bytes);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Of two that came at once the other one may have been stored, which is just as well.
    if (isStored(database, id)) return;
    if (await discardAnnouncedState(database, id, error.message)) await blobs.delete(blobKeys.stateJson(id));
    throw error;
  }
}

async function storeAnnounced(
  dependencies: StoreStateDependencies,
  announced: AnnouncedState,
  bytes: Uint8Array,
): Promise<void> {
  const { id, workspaceId, createdBy, runId, intermediate, force } = announced;
  const { isNew } = await storeStateVersion(dependencies, {
    workspaceId,
    bytes,
    writer: { kind: 'person', force },
    createdBy,
    announcedAs: id,
    runId,
    intermediate,
  });
  if (!isNew) await dependencies.blobs.delete(blobKeys.stateJson(id));
}

/** The JSON beside the state, before or after it. It says nothing that the state does not, and no rule asks for it. */
export async function receiveStateJson(dependencies: StoreStateDependencies, { id, body }: Upload): Promise<void> {
  const { database, blobs } = dependencies;
  const announced = findAnnouncedState(database, id);
  if (announced?.status === 'discarded') throw discarded(announced);
  const bytes = await readLimited(body, maxStateJsonBytes, 'The JSON of a state');
  requireStateJson(bytes);
  // Of a state that was the current one already there is nothing to add.
  if (announced?.status === 'finalized') return;
  const stored = findStateVersion(database, id);
  if (announced === undefined && stored === undefined) throw notThere(id);
  const key = blobKeys.stateJson(id);
  if ((stored ?? announced)?.hasJson) {
    if ((await readBlob(blobs, key))?.equals(bytes)) return;
    throw new GatehouseError('conflict', `State version ${id} has its JSON already.`);
  }
  await blobs.put(key, bytes);
  // Whichever of the two rows it is in by now; the state may have been stored, or refused, meanwhile.
  if ((await noteAnnouncedJson(database, id)) || (await noteStateJson(database, id))) return;
  if (findStateVersion(database, id)?.hasJson || findAnnouncedState(database, id)?.hasJson) return;
  await blobs.delete(key);
}

function requireSame(database: Database, id: string, bytes: Uint8Array): void {
  const stored = findStateVersion(database, findAnnouncedState(database, id)?.sameAs ?? id);
  if (stored === undefined) throw notThere(id);
  if (stored.md5 === createHash('md5').update(bytes).digest('hex')) return;
  throw new GatehouseError('conflict', `State version ${id} has its state already. Make a new state version.`);
}

function isStored(database: Database, id: string): boolean {
  return findStateVersion(database, id) !== undefined || findAnnouncedState(database, id)?.status === 'finalized';
}

/** About the state itself; anything else came from the connection or the disk, and the next try may work. */
function isRefusal(error: unknown): error is GatehouseError {
  return isGatehouseError(error) && error.code !== 'internal' && error.code !== 'unavailable';
}

function discarded({ id, errorMessage }: AnnouncedState): GatehouseError {
  return new GatehouseError('conflict', `State version ${id} was discarded. ${errorMessage ?? ''}`.trim());
}

function notThere(id: string): GatehouseError {
  return new GatehouseError('not_found', `State version ${id} awaits no state.`);
}
