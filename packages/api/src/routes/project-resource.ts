import { z } from 'zod';
import type { Database } from '../store/database.ts';
import { type Project, workspaceCount } from '../store/projects.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import type { EffectiveTagBinding } from '../store/tags.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

export const projectSchema = resourceSchema(
  'projects',
  {
    name: z.string(),
    description: z.string(),
    'workspace-count': z.int(),
    'is-default': z.boolean(),
    'is-unified': z.boolean(),
    'default-execution-mode': z.literal('remote'),
    'setting-overwrites': z.object({ 'default-execution-mode': z.boolean(), 'default-agent-pool': z.boolean() }),
    'auto-destroy-activity-duration': z.null(),
    'created-at': timestamp,
    'updated-at': timestamp,
    permissions: z.object({
      'can-read': z.boolean(),
      'can-update': z.boolean(),
      'can-destroy': z.boolean(),
      'can-create-workspace': z.boolean(),
      'can-move-workspace': z.boolean(),
      'can-manage-tags': z.boolean(),
    }),
  },
  {
    relationships: z.object({
      organization: toOne('organizations'),
      /** Only where they are included. */
      'effective-tag-bindings': z
        .object({ data: z.array(z.object({ id: z.string(), type: z.literal('effective-tag-bindings') })) })
        .optional(),
    }),
    links: z.object({ self: z.string() }),
  },
);

/** `tags` given: they are included. */
export function projectResource(
  database: Database,
  project: Project,
  role: MemberRole,
  tags?: readonly EffectiveTagBinding[],
): z.input<typeof projectSchema> {
  const isOwner = role === 'owner';
  return {
    id: project.id,
    type: 'projects',
    attributes: {
      name: project.name,
      description: project.description,
      'workspace-count': workspaceCount(database, project.id),
      'is-default': project.isDefault,
      // HCP Terraform's, of projects that Terraform and Waypoint share.
      'is-unified': false,
      // A workspace says for itself where it runs, so there is nothing to overwrite.
      'default-execution-mode': 'remote',
      'setting-overwrites': { 'default-execution-mode': false, 'default-agent-pool': false },
      // Nothing here destroys by itself.
      'auto-destroy-activity-duration': null,
      'created-at': timestampOf(project.createdAt),
      'updated-at': timestampOf(project.updatedAt),
      permissions: {
        'can-read': true,
        'can-update': isOwner,
        'can-destroy': isOwner && !project.isDefault,
        'can-create-workspace': isOwner,
        'can-move-workspace': isOwner,
        'can-manage-tags': isOwner,
      },
    },
    relationships: {
      organization: reference('organizations', project.organization),
      ...(tags && {
        'effective-tag-bindings': { data: tags.map(({ id }) => ({ id, type: 'effective-tag-bindings' as const })) },
      }),
    },
    links: { self: `/api/v2/projects/${project.id}` },
  };
}
