import { mfaLevels } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { awsDeliveries, executionModes } from '../store/schema/workspaces.ts';
import { currentRunId } from '../store/workspace-queue.ts';
import { resourceCount, type Workspace } from '../store/workspaces.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';

const permissions = z.object({
  'can-destroy': z.boolean(),
  'can-force-delete': z.boolean(),
  'can-force-unlock': z.boolean(),
  'can-lock': z.boolean(),
  'can-manage-run-tasks': z.boolean(),
  'can-queue-apply': z.boolean(),
  'can-queue-destroy': z.boolean(),
  'can-queue-run': z.boolean(),
  'can-read-settings': z.boolean(),
  'can-read-state-outputs': z.boolean(),
  'can-read-state-versions': z.boolean(),
  'can-create-state-versions': z.boolean(),
  'can-read-variable': z.boolean(),
  'can-unlock': z.boolean(),
  'can-update': z.boolean(),
  'can-update-variable': z.boolean(),
});

export const workspaceSchema = resourceSchema(
  'workspaces',
  {
    name: z.string(),
    description: z.string(),
    'auto-apply': z.boolean(),
    'execution-mode': z.enum(executionModes),
    operations: z.boolean(),
    'terraform-version': z.string(),
    'working-directory': z.string(),
    'structured-run-output-enabled': z.boolean(),
    locked: z.boolean(),
    'lock-reason': z.string().nullable(),
    'resource-count': z.int(),
    'created-at': timestamp,
    'updated-at': timestamp,
    permissions,
    actions: z.object({ 'is-destroyable': z.boolean() }),
    'mfa-level': z.enum(mfaLevels),
    'role-arn': z.string().nullable(),
    'plan-session-policy': z.string().nullable(),
    'session-duration-seconds': z.int(),
    'aws-credentials-delivery': z.enum(awsDeliveries),
  },
  {
    relationships: z.object({
      organization: toOne('organizations'),
      /** The run that holds the workspace, else the head of its queue: what the terraform CLI waits behind. */
      'current-run': toOne('runs'),
      'locked-by': z.object({ data: z.object({ id: z.string(), type: z.enum(['users', 'runs']) }).nullable() }),
    }),
    links: z.object({ self: z.string(), 'self-html': z.string() }),
  },
);

/** `role` is that of the one who asks. The terraform CLI panics without `permissions` and the organization. */
export function workspaceResource(
  database: Database,
  workspace: Workspace,
  role: MemberRole,
): z.output<typeof workspaceSchema> {
  const runId = currentRunId(database, workspace.id) ?? null;
  return {
    id: workspace.id,
    type: 'workspaces' as const,
    attributes: {
      name: workspace.name,
      description: workspace.description,
      'auto-apply': workspace.autoApply,
      'execution-mode': workspace.executionMode,
      operations: workspace.executionMode === 'remote',
      'terraform-version': workspace.terraformVersion,
      'working-directory': workspace.workingDirectory,
      'structured-run-output-enabled': workspace.structuredOutput,
      locked: workspace.lockedBy !== null,
      'lock-reason': workspace.lockReason,
      'resource-count': resourceCount(database, workspace.id),
      'created-at': timestampOf(workspace.createdAt),
      'updated-at': timestampOf(workspace.updatedAt),
      permissions: permissionsOf(role),
      actions: { 'is-destroyable': true },
      'mfa-level': workspace.mfaLevel,
      'role-arn': workspace.roleArn,
      'plan-session-policy': workspace.planSessionPolicy,
      'session-duration-seconds': workspace.sessionDurationSeconds,
      'aws-credentials-delivery': workspace.awsDelivery,
    },
    relationships: {
      organization: reference('organizations', workspace.organization),
      'current-run': reference('runs', runId),
      'locked-by': { data: workspace.lockedBy === null ? null : { id: workspace.lockedBy, type: 'users' as const } },
    },
    links: {
      self: `/api/v2/organizations/${workspace.organization}/workspaces/${workspace.name}`,
      'self-html': `/terraform/${workspace.organization}/environments/${workspace.name}`,
    },
  };
}

/** Members run terraform; owners decide how. */
function permissionsOf(role: MemberRole): z.infer<typeof permissions> {
  const isOwner = role === 'owner';
  return {
    'can-destroy': isOwner,
    'can-force-delete': isOwner,
    'can-force-unlock': isOwner,
    'can-lock': true,
    'can-manage-run-tasks': false,
    'can-queue-apply': true,
    'can-queue-destroy': true,
    'can-queue-run': true,
    'can-read-settings': true,
    'can-read-state-outputs': true,
    'can-read-state-versions': true,
    'can-create-state-versions': true,
    'can-read-variable': true,
    'can-unlock': true,
    'can-update': isOwner,
    'can-update-variable': isOwner,
  };
}
