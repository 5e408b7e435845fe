import { acceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import type { Database } from '../store/database.ts';
import { findRunnableConfiguration } from '../store/run-sources.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { awsDeliveries, executionModes, workspaceSources } from '../store/schema/workspaces.ts';
import { teamBehind } from '../store/service-accounts.ts';
import { currentStateVersion, type StateVersionOutput } from '../store/state-versions.ts';
import { type EffectiveTagBinding, tagsOf } from '../store/tags.ts';
import { latestChangeAt, workspaceFigures } from '../store/workspace-figures.ts';
import { currentRunId, findActiveRun, newestRunId } from '../store/workspace-queue.ts';
import type { Workspace } from '../store/workspaces.ts';
import { reference, resourceSchema, timestamp, timestampOf, toOne } from './json-api.ts';
import { workspacePermissions, workspacePermissionsOf } from './workspace-permissions.ts';

// What clients read of workspaces that Gatehouse does not have. The values are those that are true without it, and where
// two would be, the tfe provider's defaults, so that it sees no difference between a configuration and what is here.
const constants = {
  'assessments-enabled': false,
  // There are no run triggers.
  'auto-apply-run-trigger': false,
  environment: 'default',
  // There are no repositories, so nothing chooses among pushes by their files, and no push is held back.
  'file-triggers-enabled': true,
  'queue-all-runs': true,
  'speculative-enabled': true,
  'trigger-patterns': [] as string[],
  'trigger-prefixes': [] as string[],
  'vcs-repo': null,
  // A run has no token with which it could read the state of another workspace.
  'global-remote-state': false,
  'project-remote-state': false,
  'policy-check-failures': null,
  // Neither organizations nor projects have an execution mode that a workspace could take over.
  'setting-overwrites': { 'execution-mode': true, 'agent-pool': true },
} as const;

const listOf = <const Type extends string>(type: Type) =>
  z.object({ data: z.array(z.object({ id: z.string(), type: z.literal(type) })) }).optional();

export const workspaceSchema = resourceSchema(
  'workspaces',
  {
    name: z.string(),
    description: z.string(),
    'auto-apply': z.boolean(),
    'allow-destroy-plan': z.boolean(),
    'can-queue-destroy-plan': z.boolean(),
    'execution-mode': z.enum(executionModes),
    operations: z.boolean(),
    'terraform-version': z.string(),
    'working-directory': z.string(),
    /** True also while a run holds the workspace; `locked-by` says which. */
    locked: z.boolean(),
    'lock-reason': z.string().nullable(),
    'resource-count': z.int(),
    'tag-names': z.array(z.string()),
    source: z.enum(workspaceSources),
    'source-name': z.string().nullable(),
    'source-url': z.string().nullable(),
    /** Of the last 30 runs. */
    'workspace-kpis-runs-count': z.int(),
    'run-failures': z.int(),
    /** In milliseconds. */
    'plan-duration-average': z.int().nullable(),
    'apply-duration-average': z.int().nullable(),
    'created-at': timestamp,
    'updated-at': timestamp,
    'latest-change-at': timestamp,
    permissions: workspacePermissions,
    actions: z.object({ 'is-destroyable': z.boolean() }),
    'mfa-level': z.enum(mfaLevels),
    'role-arn': z.string().nullable(),
    'plan-session-policy': z.string().nullable(),
    /** Null: the default, to read everything (unless there is a session policy); empty: none. */
    'plan-policy-arns': z.array(z.string()).nullable(),
    /** Null: as long as earlier runs took, with a margin. */
    'session-duration-seconds': z.int().nullable(),
    'role-max-session-seconds': z.int().nullable(),
    'accepted-identities': z.enum(acceptedIdentities),
    'aws-credentials-delivery': z.enum(awsDeliveries),
    'assessments-enabled': z.boolean(),
    'auto-apply-run-trigger': z.boolean(),
    environment: z.string(),
    'file-triggers-enabled': z.boolean(),
    'queue-all-runs': z.boolean(),
    'speculative-enabled': z.boolean(),
    'trigger-patterns': z.array(z.string()),
    'trigger-prefixes': z.array(z.string()),
    'vcs-repo': z.null(),
    'global-remote-state': z.boolean(),
    'project-remote-state': z.boolean(),
    'policy-check-failures': z.null(),
    'setting-overwrites': z.object({ 'execution-mode': z.boolean(), 'agent-pool': z.boolean() }),
    'structured-run-output-enabled': z.boolean(),
  },
  {
    relationships: z.object({
      organization: toOne('organizations'),
      project: toOne('projects'),
      /** The run that holds the workspace, else the head of its queue, which the terraform CLI waits behind; else the last. */
      'current-run': toOne('runs'),
      'latest-run': toOne('runs'),
      'current-state-version': toOne('state-versions'),
      'current-configuration-version': toOne('configuration-versions'),
      'locked-by': z.object({
        data: z.object({ id: z.string(), type: z.enum(['users', 'teams', 'runs']) }).nullable(),
      }),
      /** Only where they are included. */
      outputs: listOf('workspace-outputs'),
      'effective-tag-bindings': listOf('effective-tag-bindings'),
    }),
    links: z.object({ self: z.string(), 'self-html': z.string() }),
  },
);

type WorkspaceResource = z.output<typeof workspaceSchema>;

/** What of a workspace is shown only when somebody asks for it. */
export type ShownWithWorkspace = {
  outputs?: readonly Pick<StateVersionOutput, 'id'>[] | undefined;
  effectiveTags?: readonly EffectiveTagBinding[] | undefined;
};

/** `role` is that of the one who asks. The terraform CLI panics without `permissions` and the organization. */
export function workspaceResource(
  database: Database,
  workspace: Workspace,
  role: MemberRole,
  shown: ShownWithWorkspace = {},
): WorkspaceResource {
  const figures = workspaceFigures(database, workspace.id);
  const state = currentStateVersion(database, workspace.id);
  return {
    id: workspace.id,
    type: 'workspaces' as const,
    attributes: {
      name: workspace.name,
      description: workspace.description,
      'auto-apply': workspace.autoApply,
      'allow-destroy-plan': workspace.allowDestroyPlan,
      'can-queue-destroy-plan': workspace.allowDestroyPlan,
      'execution-mode': workspace.executionMode,
      operations: workspace.executionMode === 'remote',
      'terraform-version': workspace.terraformVersion,
      'working-directory': workspace.workingDirectory,
      'structured-run-output-enabled': workspace.structuredOutput,
      ...lockOf(database, workspace).attributes,
      'resource-count': state?.resourceCount ?? 0,
      'tag-names': tagsOf(database, { kind: 'workspace', id: workspace.id }).map(({ key }) => key),
      source: workspace.source,
      'source-name': workspace.sourceName,
      'source-url': workspace.sourceUrl,
      'workspace-kpis-runs-count': figures.runs,
      'run-failures': figures.failures,
      'plan-duration-average': figures.planAverageMs,
      'apply-duration-average': figures.applyAverageMs,
      'created-at': timestampOf(workspace.createdAt),
      'updated-at': timestampOf(workspace.updatedAt),
      'latest-change-at': timestampOf(latestChangeAt(database, workspace, state?.createdAt)),
      permissions: workspacePermissionsOf(role),
      actions: { 'is-destroyable': workspace.allowDestroyPlan },
      'mfa-level': workspace.mfaLevel,
      'role-arn': workspace.roleArn,
      'plan-session-policy': workspace.planSessionPolicy,
      'plan-policy-arns': workspace.planPolicyArns,
      'session-duration-seconds': workspace.sessionDurationAutomatic ? null : workspace.sessionDurationSeconds,
      'role-max-session-seconds': workspace.roleMaxSessionSeconds,
      'accepted-identities': workspace.acceptedIdentities,
      'aws-credentials-delivery': workspace.awsDelivery,
      ...constants,
    },
    relationships: {
      organization: reference('organizations', workspace.organization),
      project: reference('projects', workspace.projectId),
      'current-run': reference('runs', currentRunId(database, workspace.id) ?? null),
      'latest-run': reference('runs', newestRunId(database, workspace.id) ?? null),
      'current-state-version': reference('state-versions', state?.id ?? null),
      'current-configuration-version': reference(
        'configuration-versions',
        findRunnableConfiguration(database, workspace.id, undefined)?.id ?? null,
      ),
      'locked-by': lockOf(database, workspace).by,
      ...(shown.outputs && { outputs: references('workspace-outputs', shown.outputs) }),
      ...(shown.effectiveTags && {
        'effective-tag-bindings': references('effective-tag-bindings', shown.effectiveTags),
      }),
    },
    links: {
      self: `/api/v2/organizations/${workspace.organization}/workspaces/${workspace.name}`,
      'self-html': `/terraform/${workspace.organization}/environments/${workspace.name}`,
    },
  };
}

function references<const Type extends string>(type: Type, things: readonly { id: string }[]) {
  return { data: things.map(({ id }) => ({ id, type })) };
}

/** A person's lock, a team's by one of its tokens, or a run that holds the workspace. */
function lockOf(database: Database, workspace: Workspace) {
  const holder = holderOf(database, workspace);
  return { attributes: { locked: holder !== null, 'lock-reason': workspace.lockReason }, by: { data: holder } };
}

function holderOf(database: Database, { id, lockedBy }: Workspace) {
  if (lockedBy === null) {
    const run = findActiveRun(database, id);
    return run === undefined ? null : { id: run.id, type: 'runs' as const };
  }
  const team = teamBehind(database, lockedBy);
  return team === undefined ? { id: lockedBy, type: 'users' as const } : { id: team.id, type: 'teams' as const };
}
