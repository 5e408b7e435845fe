import { createHash } from 'node:crypto';
import { newId } from '@gatehouse/shared/ids';
import type { Sealer } from '@gatehouse/shared/seal';
import { type BlobStore, blobKeys } from '../blobs/blob-store.ts';
import type { Clock } from '../clock.ts';
import { adoptOrphanState } from '../domain/adopt-orphan-state.ts';
import { judgeNextState, type StateWriter } from '../domain/next-state.ts';
import { countResources, parseStateFile, type StateFile } from '../domain/state-file.ts';
import { resourcesOf } from '../domain/state-resources.ts';
import type { Database } from '../store/database.ts';
import { insertStateVersion } from '../store/insert-state-version.ts';
import {
  currentStateVersion,
  findStateVersion,
  type NewStateVersionOutput,
  type StateVersionRow,
} from '../store/state-versions.ts';

export type StoreStateDependencies = { database: Database; blobs: BlobStore; sealer: Sealer; clock: Clock };

export type StateToStore = {
  workspaceId: string;
  bytes: Uint8Array;
  writer: StateWriter;
  /** The person; null for a run. */
  createdBy: string | null;
  /** Of a state that was announced before it came. */
  announcedAs?: string;
  /** A run that a person names with her state. */
  runId?: string | null;
  intermediate?: boolean;
  /** The older version whose content this is. */
  rollbackOf?: string;
};

/**
 * Validates a state and makes it the workspace's current one; the same state again changes nothing. The bytes are stored
 * sealed, and safe on disk, before the row that names them. Throws `state_invalid` with the rule that it breaks,
 * `workspace_locked` for a person without the lock, and `conflict` for a run that was given up.
 */
export async function storeStateVersion(
  dependencies: StoreStateDependencies,
  input: StateToStore,
): Promise<{ version: StateVersionRow; isNew: boolean }> {
  const { database, blobs, clock } = dependencies;
  const { workspaceId, writer } = input;
  const current = currentStateVersion(database, workspaceId);
  let { bytes } = input;
  let file = parseStateFile(bytes);
  if (file.lineage === '' && writer.kind === 'run') {
    bytes = adoptOrphanState(bytes, current);
    file = parseStateFile(bytes);
  }
  const createdAt = clock.now();
  const version = {
    id: input.announcedAs ?? newId('stateVersion', createdAt.getTime()),
    workspaceId,
    runId: writer.kind === 'run' ? writer.runId : (input.runId ?? null),
    createdBy: input.createdBy,
    serial: file.serial,
    lineage: file.lineage,
    md5: createHash('md5').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
    terraformVersion: file.terraform_version,
    resourceCount: countResources(file),
    resources: resourcesOf(file),
    intermediate: input.intermediate ?? false,
    rollbackOf: input.rollbackOf ?? null,
    createdAt,
  };
  const isAnnounced = input.announcedAs !== undefined;
  // The transaction below judges again; here it only saves the work.
  if (judgeNextState(current, version, writer) === 'same' && current !== undefined && !isAnnounced)
    return { version: current, isNew: false };
  const outputs = await sealOutputs(dependencies, version, file);
  const key = blobKeys.state(version.id);
  await blobs.put(key, bytes);
  let isStored = false;
  try {
    const stored = await insertStateVersion(database, version, outputs, { writer, isAnnounced });
    isStored = stored.isNew;
    return stored;
  } finally {
    // An announced state may come twice at once, and the other one may have been stored.
    if (!isStored && findStateVersion(database, version.id) === undefined) await blobs.delete(key);
  }
}

export function stateOutputContext(outputId: string): string {
  return `state-output/${outputId}`;
}

async function sealOutputs(
  { sealer }: { sealer: Sealer },
  version: { id: string; createdAt: Date },
  file: StateFile,
): Promise<NewStateVersionOutput[]> {
  return Promise.all(
    Object.entries(file.outputs).map(async ([name, output]) => {
      const id = newId('stateVersionOutput', version.createdAt.getTime());
      return {
        id,
        stateVersionId: version.id,
        name,
        detailedType: output.type ?? 'dynamic',
        sensitive: output.sensitive,
        sealedValue: await sealer.seal(JSON.stringify(output.value ?? null), stateOutputContext(id)),
      };
    }),
  );
}
