import { createHash } from 'node:crypto';
import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import { variableContext } from '../services/set-variable.ts';
import type { VariableRow } from '../store/effective-variables.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { variableCategories } from '../store/schema/variables.ts';
import { description } from './fields.ts';
import { ignored, reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const variableSchema = resourceSchema(
  'vars',
  {
    key: z.string(),
    /** Null where it may not be seen: a sensitive one never, the others by owners. */
    value: z.string().nullable(),
    category: z.enum(variableCategories),
    sensitive: z.boolean(),
    hcl: z.boolean(),
    description: z.string(),
    /** Another after each change. */
    'version-id': z.string(),
    'created-at': timestamp,
    'updated-at': timestamp,
  },
  {
    relationships: z.object({
      /** Null for one of a variable set. */
      configurable: z.object({
        data: z.object({ id: z.string(), type: z.enum(['workspaces', 'organizations']) }).nullable(),
      }),
      varset: toOne('varsets'),
    }),
  },
);

/** An environment of a process is limited to a few hundred KiB as a whole; a value beyond this is a mistake. */
const maxValueLength = 64 * 1024;

const fields = {
  key: z.string().min(1).max(200),
  // A NUL would end an environment variable early.
  value: z
    .string()
    .max(maxValueLength, 'At most 65536 characters.')
    .regex(/^[^\0]*$/, 'No NUL characters.'),
  category: z.enum(variableCategories, `One of ${variableCategories.join(', ')}.`),
  sensitive: z.boolean(),
  hcl: z.boolean(),
  description: description.nullable().transform((text) => text ?? ''),
};

const tolerated = ['version-id', 'workspace-id'] as const;

export const changedVariableAttributes = z.strictObject({ ...z.object(fields).partial().shape, ...ignored(tolerated) });

export const newVariableAttributes = z.strictObject({
  key: fields.key,
  value: fields.value
    .nullable()
    .default('')
    .transform((text) => text ?? ''),
  category: fields.category,
  sensitive: fields.sensitive.default(false),
  hcl: fields.hcl.default(false),
  description: fields.description.optional().transform((text) => text ?? ''),
  ...ignored(tolerated),
});

export type VariableResource = z.output<typeof variableSchema>;

export async function variableResource(sealer: Sealer, row: VariableRow, role: MemberRole): Promise<VariableResource> {
  const isShown = role === 'owner' && !row.sensitive;
  return {
    id: row.id,
    type: 'vars' as const,
    attributes: {
      key: row.key,
      value: isShown ? await sealer.unsealText(row.sealedValue, variableContext(row.id)) : null,
      category: row.category,
      sensitive: row.sensitive,
      hcl: row.hcl,
      description: row.description,
      'version-id': versionOf(row),
      'created-at': timestampOf(row.createdAt),
      'updated-at': timestampOf(row.updatedAt),
    },
    relationships: {
      configurable: { data: ownerOf(row) },
      varset: reference('varsets', row.variableSetId),
    },
  };
}

function versionOf({ id, updatedAt }: VariableRow): string {
  return createHash('sha256').update(`${id} ${updatedAt.getTime()}`).digest('hex');
}

function ownerOf(row: VariableRow): { id: string; type: 'workspaces' | 'organizations' } | null {
  if (row.workspaceId !== null) return { id: row.workspaceId, type: 'workspaces' };
  return row.variableSetId === null ? { id: row.organization, type: 'organizations' } : null;
}

/** As a list of all that holds in a workspace shows it: go-tfe refuses the whole list over an owner that is none. */
export function inWorkspace(resource: VariableResource): VariableResource {
  const { configurable } = resource.relationships;
  if (configurable.data?.type !== 'organizations') return resource;
  return { ...resource, relationships: { ...resource.relationships, configurable: { data: null } } };
}
