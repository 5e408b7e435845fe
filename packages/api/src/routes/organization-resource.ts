import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { Organization } from '../store/organizations.ts';
import { defaultProjectId, findProject } from '../store/projects.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { includedOnce, includesOf } from './includes.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';
import { projectResource } from './project-resource.ts';

export const organizationSchema = resourceSchema(
  'organizations',
  {
    name: z.string(),
    email: z.string(),
    'external-id': z.string(),
    'created-at': timestamp,
    'default-execution-mode': z.literal('remote'),
    /** Of the one who asks. */
    role: z.enum(['owner', 'member']),
    permissions: z.object({
      'can-update': z.boolean(),
      'can-destroy': z.boolean(),
      'can-create-workspace': z.boolean(),
      'can-create-project': z.boolean(),
      'can-create-team': z.boolean(),
      'can-update-api-token': z.boolean(),
      'can-traverse': z.boolean(),
      'can-manage-users': z.boolean(),
      'can-update-variables': z.boolean(),
      'can-read-audit-records': z.boolean(),
    }),
  },
  { relationships: z.object({ 'default-project': toOne('projects') }) },
);

/** On the TFE API the id of an organization is its name. */
export function organizationResource(database: Database, organization: Organization, role: MemberRole) {
  const isOwner = role === 'owner';
  return {
    id: organization.name,
    type: 'organizations' as const,
    attributes: {
      name: organization.name,
      email: organization.email,
      'external-id': organization.externalId,
      'created-at': timestampOf(organization.createdAt),
      // That of a workspace which is made without saying where it runs.
      'default-execution-mode': 'remote' as const,
      role,
      permissions: {
        'can-update': isOwner,
        'can-destroy': isOwner,
        'can-create-workspace': isOwner,
        'can-create-project': isOwner,
        'can-create-team': isOwner,
        'can-update-api-token': isOwner,
        'can-traverse': true,
        'can-manage-users': isOwner,
        'can-update-variables': isOwner,
        'can-read-audit-records': isOwner,
      },
    },
    relationships: { 'default-project': reference('projects', defaultProjectId(database, organization.name)) },
  };
}

/** What goes with organizations, each of which the one who asks is a member of. Throws `invalid_include`. */
export function includedWithOrganizations(
  database: Database,
  shown: readonly { organization: Organization; role: MemberRole }[],
  include: string | undefined,
): unknown[] | undefined {
  const asked = includesOf(include, ['default_project']);
  const projects = shown.map(({ organization, role }) => {
    const project = findProject(database, defaultProjectId(database, organization.name));
    return project && projectResource(database, project, role);
  });
  return includedOnce(asked, projects);
}
