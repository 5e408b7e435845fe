import { isWantedVersion, wantedVersionRule } from '@gatehouse/shared/engine-version';
import { acceptedIdentities, mfaLevels } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import {
  isSessionPolicy,
  isWorkingDirectory,
  planPolicies,
  roleArn,
  sessionPolicyRule,
  sessionSeconds,
  workingDirectoryRule,
  workspaceName,
} from '../domain/workspace-rules.ts';
import { awsDeliveries, executionModes } from '../store/schema/workspaces.ts';
import type { WorkspaceSettings } from '../store/workspaces.ts';
import { description } from './fields.ts';
import { givenFields } from './given-fields.ts';
import { ignored } from './json-api.ts';
import { givenTagBindings, givenTags, related } from './tag-resource.ts';

/** What go-tfe and the tfe provider send with a workspace and Gatehouse has no use for. */
const tolerated = [
  'agent-pool-id',
  'assessments-enabled',
  'auto-apply-run-trigger',
  'auto-destroy-activity-duration',
  'auto-destroy-at',
  'file-triggers-enabled',
  'global-remote-state',
  'hyok-enabled',
  'inherits-project-auto-destroy',
  'migration-environment',
  'project-remote-state',
  'queue-all-runs',
  'setting-overwrites',
  'speculative-enabled',
  'trigger-patterns',
  'trigger-prefixes',
] as const;

/** What goes with a repository does nothing here, so nobody is to believe that it does. */
const vcsRepo = z.null('Gatehouse takes no configurations from repositories: upload them, or let the terraform CLI.');

const settings = {
  name: z.string().regex(workspaceName.pattern, workspaceName.rule),
  description,
  'mfa-level': z.enum(mfaLevels, `One of ${mfaLevels.join(', ')}.`),
  'auto-apply': z.boolean(),
  'allow-destroy-plan': z.boolean(),
  'execution-mode': z.enum(executionModes, `One of ${executionModes.join(', ')}.`),
  'terraform-version': z.string().refine(isWantedVersion, wantedVersionRule),
  'working-directory': z.string().refine(isWorkingDirectory, workingDirectoryRule).nullable(),
  'role-arn': z.string().regex(roleArn.pattern, roleArn.rule).nullable(),
  'plan-session-policy': z.string().refine(isSessionPolicy, sessionPolicyRule).nullable(),
  'plan-policy-arns': z
    .array(z.string().regex(planPolicies.pattern, planPolicies.rule))
    .max(planPolicies.most, `AWS takes ${planPolicies.most} managed session policies at most.`)
    .nullable(),
  /** Null: as long as earlier runs took, with a margin. */
  'session-duration-seconds': z.int().min(sessionSeconds.min).max(sessionSeconds.maxWithoutRole).nullable(),
  'role-max-session-seconds': z.int().min(sessionSeconds.maxOfRoleByDefault).max(sessionSeconds.maxWithRole).nullable(),
  'accepted-identities': z.enum(acceptedIdentities, `One of ${acceptedIdentities.join(', ')}.`),
  'aws-credentials-delivery': z.enum(awsDeliveries, `One of ${awsDeliveries.join(', ')}.`),
  'structured-run-output-enabled': z.boolean(),
};

const attributes = z.strictObject({
  ...z.object(settings).partial().shape,
  /** What go-tfe had before `execution-mode`, which wins where both are given: `false` is local. */
  operations: z.boolean().optional(),
  'vcs-repo': vcsRepo.optional(),
  ...ignored(tolerated),
});
export const changedWorkspaceAttributes = attributes.extend(ignored(['source-name', 'source-url']));
export const newWorkspaceAttributes = attributes.extend({
  name: settings.name,
  'source-name': z.string().max(200).nullish(),
  'source-url': z
    .url({ protocol: /^https?$/, error: 'Give an address with http or https.' })
    .max(2000)
    .nullish(),
});

/** The project that a workspace is made in, or moved to, and the tags that it bears afterwards. */
export const changedWorkspaceRelationships = z
  .object({
    project: related.optional(),
    'tag-bindings': z.object({ data: givenTagBindings }).optional(),
  })
  .optional();
export const newWorkspaceRelationships = z
  .object({
    project: related.optional(),
    'tag-bindings': z.object({ data: givenTagBindings }).optional(),
    tags: z.object({ data: givenTags }).optional(),
  })
  .optional();

/** Only what was sent, under our names. */
export function settingsOf(given: z.infer<typeof attributes>): Partial<WorkspaceSettings> {
  const directory = given['working-directory'];
  const duration = given['session-duration-seconds'];
  const mode = given.operations === undefined ? undefined : given.operations ? 'remote' : 'local';
  return givenFields({
    name: given.name,
    description: given.description,
    mfaLevel: given['mfa-level'],
    autoApply: given['auto-apply'],
    allowDestroyPlan: given['allow-destroy-plan'],
    executionMode: given['execution-mode'] ?? mode,
    terraformVersion: given['terraform-version'],
    workingDirectory: directory === null ? '' : directory?.replace(/^(\.\/)+|\/+$/g, ''),
    roleArn: given['role-arn'],
    planSessionPolicy: given['plan-session-policy'],
    planPolicyArns: given['plan-policy-arns'],
    sessionDurationSeconds: duration ?? undefined,
    sessionDurationAutomatic: duration === undefined ? undefined : duration === null,
    roleMaxSessionSeconds: given['role-max-session-seconds'],
    acceptedIdentities: given['accepted-identities'],
    awsDelivery: given['aws-credentials-delivery'],
    structuredOutput: given['structured-run-output-enabled'],
  });
}
