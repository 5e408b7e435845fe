import type { Clock } from '../clock.ts';
import { type CapabilityDependencies, type CapabilityKind, openCapability, signCapability } from './capability.ts';

/** Clients upload at once; a person who repairs a state by hand has the morning. */
export const stateUploadLifetimeMs = 4 * 3600 * 1000;

const uploads = {
  state: { kind: 'upload-state', path: 'state-versions' },
  json: { kind: 'upload-state-json', path: 'state-versions-json' },
} as const satisfies Record<string, { kind: CapabilityKind; path: string }>;
export type StateUpload = keyof typeof uploads;

/** Where the bytes of a state version that was announced are sent, without a sign-in. */
export function stateUploadUrl(
  dependencies: CapabilityDependencies & { publicUrl: string },
  state: { id: string; createdAt: Date },
  upload: StateUpload,
): string {
  const { kind, path } = uploads[upload];
  const expiresAt = new Date(state.createdAt.getTime() + stateUploadLifetimeMs);
  const capability = signCapability(dependencies, { kind, subject: state.id, expiresAt });
  return `${dependencies.publicUrl}/api/v2/uploads/${path}/${capability}`;
}

/** The id of the state version; undefined when the capability is not one of ours, of the other upload, or over. */
export function openStateUpload(
  dependencies: CapabilityDependencies & { clock: Clock },
  capability: string,
  upload: StateUpload,
): string | undefined {
  const now = dependencies.clock.now();
  return openCapability(dependencies, { kind: uploads[upload].kind, text: capability, now });
}
