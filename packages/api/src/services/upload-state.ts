import { createHash } from 'node:crypto';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { blobKeys } from '../blobs/blob-store.ts';
import type { Actor } from '../domain/actor.ts';
import { maxStateBytes, parseStateFile } from '../domain/state-file.ts';
import { type AnnouncedState, announceState } from '../store/announced-states.ts';
import type { Database } from '../store/database.ts';
import { findRun } from '../store/runs.ts';
import { noteStateJson, type StateVersionRow } from '../store/state-versions.ts';
import { maxStateJsonBytes, requireStateJson } from './state-json.ts';
import { type StoreStateDependencies, storeStateVersion } from './store-state-version.ts';

/** The largest state in base64 and its JSON, with room for the attributes beside them. */
export const maxUploadedStateBytes = Math.ceil(((maxStateBytes + maxStateJsonBytes) * 4) / 3) + 1024 * 1024;

export type StateAttributes = {
  workspaceId: string;
  serial: number;
  /** Hexadecimal. */
  md5: string;
  lineage?: string | undefined;
  force: boolean;
  intermediate: boolean;
  /** A run that the state is said to be of; recorded where it is one of the workspace. */
  runId?: string | undefined;
};

/**
 * A state from a person's machine in one step, with what is said about it. Throws `invalid_request` and what
 * `storeStateVersion` throws.
 */
export async function uploadState(
  dependencies: StoreStateDependencies,
  actor: Actor,
  input: StateAttributes & {
    /** Base64. */
    state: string;
    jsonState?: string | undefined;
  },
): Promise<StateVersionRow> {
  const { database, blobs } = dependencies;
  const bytes = Buffer.from(input.state, 'base64');
  requireAsAnnounced(bytes, input);
  const json = input.jsonState === undefined ? undefined : Buffer.from(input.jsonState, 'base64');
  if (json !== undefined) requireStateJson(json);
  const { version, isNew } = await storeStateVersion(dependencies, {
    workspaceId: input.workspaceId,
    bytes,
    writer: { kind: 'person', force: input.force },
    createdBy: actor.userId,
    runId: runOfWorkspace(database, input),
    intermediate: input.intermediate,
  });
  if (json === undefined || !isNew) return version;
  await blobs.put(blobKeys.stateJson(version.id), json);
  await noteStateJson(database, version.id);
  return { ...version, hasJson: true };
}

/** The first step of two: the state version awaits its bytes. Throws what `announceState` throws. */
export async function announceUpload(
  { database, clock }: Pick<StoreStateDependencies, 'database' | 'clock'>,
  actor: Actor,
  input: StateAttributes,
): Promise<AnnouncedState> {
  const { workspaceId, serial, md5, lineage, force, intermediate } = input;
  const announcement = { workspaceId, serial, md5, lineage: lineage ?? null, force, intermediate };
  const runId = runOfWorkspace(database, input);
  return announceState(database, { ...announcement, runId, createdBy: actor.userId }, clock.now());
}

/** What was said of a state must be true of it, so that one that was cut off, or mixed up, is found. */
export function requireAsAnnounced(
  bytes: Uint8Array,
  said: { serial: number; md5: string; lineage?: string | null | undefined },
): void {
  if (createHash('md5').update(bytes).digest('hex') !== said.md5) throw untrue('md5');
  const file = parseStateFile(bytes);
  if (file.serial !== said.serial) throw untrue('serial');
  if (said.lineage != null && file.lineage !== said.lineage) throw untrue('lineage');
}

function runOfWorkspace(database: Database, { runId, workspaceId }: StateAttributes): string | null {
  const run = runId === undefined ? undefined : findRun(database, runId);
  return run?.workspaceId === workspaceId ? run.id : null;
}

function untrue(attribute: string): GatehouseError {
  return new GatehouseError('invalid_request', `${attribute} is not that of the state that was sent.`, {
    pointer: `/data/attributes/${attribute}`,
  });
}
