import { z } from 'zod';
import { outputTypeName } from '../domain/state-file.ts';
import { countsByModule, countsByProvider } from '../domain/state-resources.ts';
import type { CapabilityDependencies } from '../services/capability.ts';
import { stateUploadUrl } from '../services/state-upload-urls.ts';
import type { AnnouncedState } from '../store/announced-states.ts';
import type { StateVersionOutput, StateVersionRow } from '../store/state-versions.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

const counts = z.record(z.string(), z.record(z.string(), z.int()));

export const stateVersionSchema = resourceSchema(
  'state-versions',
  {
    'created-at': timestamp,
    serial: z.int(),
    lineage: z.string().nullable(),
    md5: z.string(),
    size: z.int().nullable(),
    status: z.enum(['pending', 'finalized', 'discarded']),
    /** Why it was discarded. */
    'error-message': z.string().nullable(),
    /** A snapshot of an apply that goes on. */
    intermediate: z.boolean(),
    /** The format of the state file. */
    'state-version': z.int(),
    'terraform-version': z.string().nullable(),
    /** Whether the fields that are read from the state, such as the outputs, are there. */
    'resources-processed': z.boolean(),
    'resource-count': z.int().nullable(),
    resources: z.array(
      z.object({ name: z.string(), type: z.string(), count: z.int(), module: z.string(), provider: z.string() }),
    ),
    /** How many of each type there are: of each module, of each provider. */
    modules: counts,
    providers: counts,
    'vcs-commit-sha': z.null(),
    'vcs-commit-url': z.null(),
    'hosted-state-download-url': z.string().nullable(),
    'hosted-json-state-download-url': z.string().nullable(),
    /** Only of a version that awaits its state. They carry their right of access in them: no Authorization is sent. */
    'hosted-state-upload-url': z.string().nullable(),
    'hosted-json-state-upload-url': z.string().nullable(),
  },
  {
    relationships: z.object({
      workspace: toOne('workspaces'),
      run: toOne('runs'),
      'created-by': toOne('users'),
      'rollback-state-version': toOne('state-versions'),
      outputs: z.object({ data: z.array(z.object({ id: z.string(), type: z.literal('state-version-outputs') })) }),
    }),
  },
);

export type StateVersionResource = z.input<typeof stateVersionSchema>;

export function stateVersionResource(
  { publicUrl }: { publicUrl: string },
  version: StateVersionRow,
  outputs: readonly StateVersionOutput[],
): StateVersionResource {
  const resources = version.resources ?? [];
  const address = `${publicUrl}/api/v2/state-versions/${version.id}`;
  return {
    id: version.id,
    type: 'state-versions',
    attributes: {
      ...attributesOfBoth(version),
      lineage: version.lineage,
      size: version.sizeBytes,
      status: 'finalized',
      'error-message': null,
      'terraform-version': version.terraformVersion,
      'resources-processed': version.resources !== null,
      'resource-count': version.resourceCount,
      resources,
      modules: countsByModule(resources),
      providers: countsByProvider(resources),
      'hosted-state-download-url': `${address}/download`,
      'hosted-json-state-download-url': version.hasJson ? `${address}/json-download` : null,
      'hosted-state-upload-url': null,
      'hosted-json-state-upload-url': null,
    },
    relationships: {
      ...relationshipsOfBoth(version),
      'rollback-state-version': reference('state-versions', version.rollbackOf),
      outputs: { data: outputs.map(({ id }) => ({ id, type: 'state-version-outputs' })) },
    },
  };
}

/** Of an upload in two steps, before its state is there or when it was refused. */
export function announcedStateResource(
  dependencies: CapabilityDependencies & { publicUrl: string },
  state: AnnouncedState,
): StateVersionResource {
  const isPending = state.status === 'pending';
  return {
    id: state.id,
    type: 'state-versions',
    attributes: {
      ...attributesOfBoth(state),
      lineage: state.lineage,
      size: null,
      status: state.status,
      'error-message': state.errorMessage,
      'terraform-version': null,
      'resources-processed': false,
      'resource-count': null,
      resources: [],
      modules: {},
      providers: {},
      'hosted-state-download-url': null,
      'hosted-json-state-download-url': null,
      'hosted-state-upload-url': isPending ? stateUploadUrl(dependencies, state, 'state') : null,
      'hosted-json-state-upload-url': isPending ? stateUploadUrl(dependencies, state, 'json') : null,
    },
    relationships: {
      ...relationshipsOfBoth(state),
      'rollback-state-version': { data: null },
      outputs: { data: [] },
    },
  };
}

function attributesOfBoth(state: Pick<StateVersionRow, 'createdAt' | 'serial' | 'md5' | 'intermediate'>) {
  return {
    'created-at': timestampOf(state.createdAt),
    serial: state.serial,
    md5: state.md5,
    intermediate: state.intermediate,
    'state-version': 4,
    'vcs-commit-sha': null,
    'vcs-commit-url': null,
  };
}

function relationshipsOfBoth(state: Pick<StateVersionRow, 'workspaceId' | 'runId' | 'createdBy'>) {
  return {
    workspace: reference('workspaces', state.workspaceId),
    run: reference('runs', state.runId),
    'created-by': reference('users', state.createdBy),
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
