import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { currentStateVersion, type StateVersionOutput } from '../store/state-versions.ts';
import { stateOutputContext } from './store-state-version.ts';

/** The bytes of a state version, as terraform wrote them. */
export async function openState({ blobs }: { blobs: BlobStore }, stateVersionId: string): Promise<Readable> {
  const stream = await blobs.get(blobKeys.state(stateVersionId));
  if (stream === undefined)
    throw new GatehouseError('internal', `The bytes of state version ${stateVersionId} are gone.`);
  return stream;
}

/** The workspace's current state; undefined when it has none. */
export async function openCurrentState(
  dependencies: { database: Database; blobs: BlobStore },
  workspaceId: string,
): Promise<Readable | undefined> {
  const current = currentStateVersion(dependencies.database, workspaceId);
  return current === undefined ? undefined : openState(dependencies, current.id);
}

export async function readOutputValue(
  { sealer }: { sealer: Sealer },
  output: Pick<StateVersionOutput, 'id' | 'sealedValue'>,
): Promise<unknown> {
  const value: unknown = JSON.parse(await sealer.unsealText(output.sealedValue, stateOutputContext(output.id)));
  return value;
}
