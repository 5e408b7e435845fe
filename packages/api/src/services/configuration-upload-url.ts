import type { Clock } from '../clock.ts';
import { type CapabilityDependencies, openCapability, signCapability } from './capability.ts';

/** The CLI uploads at once; a script may prepare first. */
const lifetimeMs = 24 * 3600 * 1000;

export type UploadUrlDependencies = CapabilityDependencies & { clock: Clock; publicUrl: string };

/** The `upload-url` of a configuration version that waits for its archive. */
export function configurationUploadUrl(dependencies: UploadUrlDependencies, configurationVersionId: string): string {
  const capability = signCapability(dependencies, {
    kind: 'upload-configuration',
    subject: configurationVersionId,
    expiresAt: new Date(dependencies.clock.now().getTime() + lifetimeMs),
  });
  return `${dependencies.publicUrl}/api/v2/uploads/configuration-versions/${capability}`;
}

/** The id of the configuration version; undefined when the capability is not one of ours, or over. */
export function openUploadCapability(
  dependencies: CapabilityDependencies & { clock: Clock },
  capability: string,
): string | undefined {
  return openCapability(dependencies, {
    kind: 'upload-configuration',
    text: capability,
    now: dependencies.clock.now(),
  });
}
