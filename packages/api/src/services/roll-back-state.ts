import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { blobKeys, readBlob } from '../blobs/blob-store.ts';
import type { Actor } from '../domain/actor.ts';
import { replaceSerial } from '../domain/replace-serial.ts';
import { currentStateVersion, findStateVersion, noteStateJson, type StateVersionRow } from '../store/state-versions.ts';
import { requireOwnWorkspace } from './find-workspace.ts';
import { type StoreStateDependencies, storeStateVersion } from './store-state-version.ts';

/**
 * Makes a new current version with the content of an older one: its lineage, and a serial behind the current one, so
 * that terraform takes it for newer. What AWS holds does not change. Only an owner may, who has the workspace locked.
 * Throws `not_found` for a version of another workspace, `forbidden`, `workspace_locked`.
 */
export async function rollBackState(
  dependencies: StoreStateDependencies,
  actor: Actor,
  { workspaceId, to }: { workspaceId: string; to: string },
): Promise<StateVersionRow> {
  const { database, blobs } = dependencies;
  await requireOwnWorkspace(database, actor, { id: workspaceId });
  const older = findStateVersion(database, to);
  const current = currentStateVersion(database, workspaceId);
  if (older === undefined || current === undefined || older.workspaceId !== workspaceId) {
    throw new GatehouseError('not_found', `There is no state version ${to} of workspace ${workspaceId}.`);
  }
  const bytes = await readBlob(blobs, blobKeys.state(older.id));
  if (bytes === undefined) throw new GatehouseError('internal', `The bytes of state version ${older.id} are gone.`);
  const { version } = await storeStateVersion(dependencies, {
    workspaceId,
    bytes: replaceSerial(bytes, current.serial + 1),
    // An owner means the older state, also one of another lineage, over which somebody pushed by force.
    writer: { kind: 'person', force: true },
    createdBy: actor.userId,
    rollbackOf: older.id,
  });
  // The JSON says nothing of serials.
  const json = older.hasJson ? await blobs.get(blobKeys.stateJson(older.id)) : undefined;
  if (json === undefined) return version;
  await blobs.put(blobKeys.stateJson(version.id), json);
  await noteStateJson(database, version.id);
  return { ...version, hasJson: true };
}
