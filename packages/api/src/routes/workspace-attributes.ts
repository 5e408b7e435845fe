import { isWantedVersion, wantedVersionRule } from '@gatehouse/shared/engine-version';
import { mfaLevels } from '@gatehouse/shared/mfa-level';
import { z } from 'zod';
import {
  isSessionPolicy,
  isWorkingDirectory,
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

/** What go-tfe and the tfe provider send with a workspace and Gatehouse has no use for. */
const tolerated = [
  'agent-pool-id',
  'allow-destroy-plan',
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
  'source-name',
  'source-url',
  'speculative-enabled',
  'trigger-patterns',
  'trigger-prefixes',
  'vcs-repo',
] as const;

const settings = {
  name: z.string().regex(workspaceName.pattern, workspaceName.rule),
  description,
  'mfa-level': z.enum(mfaLevels, `One of ${mfaLevels.join(', ')}.`),
  'auto-apply': z.boolean(),
  /** What go-tfe had before `execution-mode`, which wins where both are given. */
  operations: z.boolean(),
  'execution-mode': z.enum(executionModes, `One of ${executionModes.join(', ')}.`),
  'terraform-version': z.string().refine(isWantedVersion, wantedVersionRule),
  'working-directory': z.string().refine(isWorkingDirectory, workingDirectoryRule).nullable(),
  'role-arn': z.string().regex(roleArn.pattern, roleArn.rule).nullable(),
  'plan-session-policy': z.string().refine(isSessionPolicy, sessionPolicyRule).nullable(),
  'session-duration-seconds': z.int().min(sessionSeconds.min).max(sessionSeconds.maxWithoutRole),
  'aws-credentials-delivery': z.enum(awsDeliveries, `One of ${awsDeliveries.join(', ')}.`),
  'structured-run-output-enabled': z.boolean(),
};

export const changedWorkspaceAttributes = z.strictObject({
  ...z.object(settings).partial().shape,
  ...ignored(tolerated),
});
export const newWorkspaceAttributes = changedWorkspaceAttributes.extend({ name: settings.name });

/** Only what was sent, under our names. */
export function settingsOf(attributes: z.infer<typeof changedWorkspaceAttributes>): Partial<WorkspaceSettings> {
  const directory = attributes['working-directory'];
  return givenFields({
    name: attributes.name,
    description: attributes.description,
    mfaLevel: attributes['mfa-level'],
    autoApply: attributes['auto-apply'],
    executionMode: attributes['execution-mode'] ?? modeOf(attributes.operations),
    terraformVersion: attributes['terraform-version'],
    workingDirectory: directory === null ? '' : directory?.replace(/^(\.\/)+|\/+$/g, ''),
    roleArn: attributes['role-arn'],
    planSessionPolicy: attributes['plan-session-policy'],
    sessionDurationSeconds: attributes['session-duration-seconds'],
    awsDelivery: attributes['aws-credentials-delivery'],
    structuredOutput: attributes['structured-run-output-enabled'],
  });
}

function modeOf(operations: boolean | undefined): WorkspaceSettings['executionMode'] | undefined {
  if (operations === undefined) return undefined;
  return operations ? 'remote' : 'local';
}
