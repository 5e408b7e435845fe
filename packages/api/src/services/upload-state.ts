import { createHash } from 'node:crypto';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Actor } from '../domain/actor.ts';
import { maxStateBytes, parseStateFile } from '../domain/state-file.ts';
import { type StoredState, type StoreStateDependencies, storeStateVersion } from './store-state-version.ts';

/** The largest state in base64, with room for the attributes beside it. */
export const maxUploadedStateBytes = Math.ceil((maxStateBytes * 4) / 3) + 1024 * 1024;

export type UploadedState = {
  workspaceId: string;
  serial: number;
  /** Hexadecimal. */
  md5: string;
  lineage?: string | undefined;
  /** Base64. */
  state?: string | undefined;
  force: boolean;
};

/**
 * A state from a person's machine (`terraform state push`, `import`). What is said about it must be true of it, so that
 * a state that was cut off, or mixed up, is found. Throws `invalid_request` and what `storeStateVersion` throws.
 */
export async function uploadState(
  dependencies: StoreStateDependencies,
  actor: Actor,
  input: UploadedState,
): Promise<StoredState> {
  if (input.state === undefined) {
    // In these words go-tfe knows that it must send the state inline (terraform internal/cloud/state.go).
    throw new GatehouseError('invalid_request', 'param is missing or the value is empty: state', {
      pointer: '/data/attributes/state',
    });
  }
  const bytes = Buffer.from(input.state, 'base64');
  if (createHash('md5').update(bytes).digest('hex') !== input.md5) throw untrue('md5');
  const file = parseStateFile(bytes);
  if (file.serial !== input.serial) throw untrue('serial');
  if (input.lineage !== undefined && file.lineage !== input.lineage) throw untrue('lineage');
  const { version } = await storeStateVersion(dependencies, {
    workspaceId: input.workspaceId,
    bytes,
    writer: { kind: 'person', force: input.force },
    createdBy: actor.userId,
  });
  return version;
}

function untrue(attribute: string): GatehouseError {
  return new GatehouseError('invalid_request', `${attribute} is not that of the state that was sent.`, {
    pointer: `/data/attributes/${attribute}`,
  });
}
