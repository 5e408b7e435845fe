import { z } from 'zod';
import { outputTypeName } from '../domain/state-file.ts';
import type { StoredState } from '../services/store-state-version.ts';
import type { StateVersionOutput } from '../store/state-versions.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const stateVersionSchema = resourceSchema(
  'state-versions',
  {
    'created-at': timestamp,
    serial: z.int(),
    lineage: z.string(),
    md5: z.string(),
    size: z.int(),
    status: z.enum(['pending', 'finalized', 'discarded']),
    /** The format of the state file. */
    'state-version': z.int(),
    'terraform-version': z.string(),
    /** Whether the fields that are read from the state, such as the outputs, are there. */
    'resources-processed': z.boolean(),
    'resource-count': z.int(),
    'hosted-state-download-url': z.string(),
    /** For an upload in two steps; null where the state is there. */
    'hosted-state-upload-url': z.string().nullable(),
  },
  {
    relationships: z.object({
      workspace: toOne('workspaces'),
      run: toOne('runs'),
      'created-by': toOne('users'),
      outputs: z.object({ data: z.array(z.object({ id: z.string(), type: z.literal('state-version-outputs') })) }),
    }),
  },
);

export function stateVersionResource(
  { publicUrl }: { publicUrl: string },
  version: StoredState,
  outputs: readonly StateVersionOutput[],
): z.input<typeof stateVersionSchema> {
  return {
    id: version.id,
    type: 'state-versions',
    attributes: {
      'created-at': timestampOf(version.createdAt),
      serial: version.serial,
      lineage: version.lineage,
      md5: version.md5,
      size: version.sizeBytes,
      status: 'finalized',
      'state-version': 4,
      'terraform-version': version.terraformVersion,
      'resources-processed': true,
      'resource-count': version.resourceCount,
      'hosted-state-download-url': `${publicUrl}/api/v2/state-versions/${version.id}/download`,
      'hosted-state-upload-url': null,
    },
    relationships: {
      workspace: reference('workspaces', version.workspaceId),
      run: reference('runs', version.runId),
      'created-by': reference('users', version.createdBy ?? null),
      outputs: { data: outputs.map(({ id }) => ({ id, type: 'state-version-outputs' })) },
    },
  };
}

export const stateVersionOutputSchema = resourceSchema('state-version-outputs', {
  name: z.string(),
  sensitive: z.boolean(),
  /** `string`, `number`, `bool`, `array`, `object`. */
  type: z.string(),
  /** The type as terraform writes it; the CLI reads values by it. */
  'detailed-type': z.unknown(),
  /** Null for a sensitive one in a list: read it by itself. */
  value: z.unknown(),
});

/** `value` undefined: withheld. */
export function stateVersionOutputResource(
  output: StateVersionOutput,
  value: unknown,
): z.input<typeof stateVersionOutputSchema> {
  return {
    id: output.id,
    type: 'state-version-outputs',
    attributes: {
      name: output.name,
      sensitive: output.sensitive,
      type: outputTypeName(output.detailedType),
      'detailed-type': output.detailedType,
      value: value ?? null,
    },
  };
}
