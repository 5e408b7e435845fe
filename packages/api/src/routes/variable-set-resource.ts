import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import type { VariableSet, VariableSetParts } from '../store/variable-sets.ts';
import { findWorkspace } from '../store/workspaces.ts';
import { description } from './fields.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';
import { newVariableAttributes, variableResource } from './variable-resource.ts';
import { workspaceResource } from './workspace-resource.ts';

const toMany = <const Type extends string>(type: Type) =>
  z.object({ data: z.array(z.object({ id: z.string(), type: z.literal(type) })) });

export const variableSetSchema = resourceSchema(
  'varsets',
  {
    name: z.string(),
    description: z.string(),
    global: z.boolean(),
    priority: z.boolean(),
    'var-count': z.int(),
    'workspace-count': z.int(),
    'project-count': z.int(),
    'created-at': timestamp,
    'updated-at': timestamp,
  },
  {
    relationships: z.object({
      organization: toOne('organizations'),
      /** Whoever owns the set; here always the organization. */
      parent: toOne('organizations'),
      vars: toMany('vars'),
      /** None for a global set, which holds in all. */
      workspaces: toMany('workspaces'),
      projects: toMany('projects'),
    }),
  },
);

const fields = {
  name: z
    .string()
    .trim()
    .min(1, 'A variable set needs a name.')
    .max(90, 'At most 90 characters.')
    // A name goes into logs and messages as it is.
    .regex(/^\P{Cc}*$/u, 'No control characters.'),
  description: description.nullable().transform((text) => text ?? ''),
  global: z.boolean(),
  priority: z.boolean(),
};

export const changedVariableSetAttributes = z.strictObject(z.object(fields).partial().shape).prefault({});

export const newVariableSetAttributes = z.strictObject({
  name: fields.name,
  description: fields.description.optional().transform((text) => text ?? ''),
  global: fields.global.default(false),
  priority: fields.priority.default(false),
});

/** More at once is a mistake rather than a wish. */
const maxReferences = 1_000;
export const workspaceReferences = z
  .array(z.object({ id: z.string(), type: z.literal('workspaces').optional() }))
  .max(maxReferences);

const notHere = (what: string) => z.object({ data: z.array(z.unknown()).max(0, what) }).optional();

/** What a set may be made or changed with. `parent` is what go-tfe sends for a set of the organization: nothing. */
export const variableSetRelationships = z
  .object({
    workspaces: z.object({ data: workspaceReferences }).optional(),
    projects: notHere('A variable set is applied to workspaces, or is global; there are no projects.'),
    stacks: notHere('There are no stacks.'),
    parent: z
      .object({ data: z.object({ type: z.literal('organizations', 'The organization owns it.') }).nullable() })
      .optional(),
  })
  .optional();

export const newVariableSetRelationships = variableSetRelationships
  .unwrap()
  .extend({
    vars: z.object({ data: z.array(z.object({ attributes: newVariableAttributes })).max(maxReferences) }).optional(),
  })
  .optional();

/** Variables of a set that exists have addresses of their own. */
export const changedVariableSetRelationships = variableSetRelationships
  .unwrap()
  .extend({
    vars: z.undefined('The variables of a set are changed under /varsets/:id/relationships/vars.').optional(),
  })
  .optional();

export function variableSetResource(set: VariableSet, parts: VariableSetParts): z.output<typeof variableSetSchema> {
  return {
    id: set.id,
    type: 'varsets',
    attributes: {
      name: set.name,
      description: set.description,
      global: set.global,
      priority: set.priority,
      'var-count': parts.variables.length,
      'workspace-count': parts.workspaceIds.length,
      'project-count': 0,
      'created-at': timestampOf(set.createdAt),
      'updated-at': timestampOf(set.updatedAt),
    },
    relationships: {
      organization: reference('organizations', set.organization),
      parent: reference('organizations', set.organization),
      vars: { data: parts.variables.map(({ id }) => ({ id, type: 'vars' })) },
      workspaces: { data: parts.workspaceIds.map((id) => ({ id, type: 'workspaces' })) },
      projects: { data: [] },
    },
  };
}

const includable = ['workspaces', 'projects', 'vars', 'stacks'] as const;
export const includeQuery = z.object({ include: z.string().max(500).optional() });

/** Full resources for `?include=`; undefined when nothing was asked for. Throws `invalid_include`. */
export async function includedWithSets(
  { database, sealer }: { database: Database; sealer: Sealer },
  sets: readonly VariableSetParts[],
  include: string | undefined,
  role: MemberRole,
): Promise<unknown[] | undefined> {
  const names = (include ?? '').split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !includable.some((known) => known === name));
  if (unknown !== undefined) {
    const message = `"${unknown}" cannot be included by the include parameter; what can: ${includable.join(', ')}.`;
    throw new GatehouseError('invalid_include', message);
  }
  if (names.length === 0) return undefined;
  const included: unknown[] = [];
  if (names.includes('vars')) {
    const rows = sets.flatMap(({ variables }) => variables);
    included.push(...(await Promise.all(rows.map((row) => variableResource(sealer, row, role)))));
  }
  if (names.includes('workspaces')) {
    for (const id of new Set(sets.flatMap(({ workspaceIds }) => workspaceIds))) {
      const workspace = await findWorkspace(database, id);
      if (workspace !== undefined) included.push(workspaceResource(database, workspace, role));
    }
  }
  return included;
}
