import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { hclLiteralRule, parseHclLiteral } from '@gatehouse/shared/hcl-literal';
import { newId } from '@gatehouse/shared/ids';
import { withheldVariables } from '@gatehouse/shared/mfa-level';
import { holdingVariables, type VariableOrigin } from '@gatehouse/shared/variable-precedence';
import type { ClaimedVariable } from '@gatehouse/shared/worker-api';
import type { Actor } from '../domain/actor.ts';
import { requireConfirmName } from '../domain/confirm-name.ts';
import { needsMfaAnywhere, plansAtOnce } from '../domain/run.ts';
import { planPolicyArnsOf } from '../domain/session-policy.ts';
import { type PlacedVariable, placedVariables } from '../store/effective-variables.ts';
import { insertPhases } from '../store/phases.ts';
import { currentMfaSettings, findRunnableConfiguration } from '../store/run-sources.ts';
import { insertRun, type Run, requireRun } from '../store/runs.ts';
import type { Workspace } from '../store/workspaces.ts';
import { requireSomeDevice } from './answering-identity.ts';
import { refuseOrganizationToken } from './authorize.ts';
import { requireWorkspace } from './find-workspace.ts';
import { sealOwnVariables } from './own-variables.ts';
import { releaseNextRun, releaseRun } from './release-workspace.ts';
import { type Change, change, type RunCore } from './run-core.ts';

export type CreateRunInput = {
  by: Actor;
  workspaceId: string;
  /** Undefined: the newest uploaded one that is not speculative. */
  configurationVersionId?: string | undefined;
  message: string;
  source: string;
  isDestroy: boolean;
  /** The workspace's name, typed by a person on the page: of a destroy run only. */
  confirmName?: string | undefined;
  refresh: boolean;
  refreshOnly: boolean;
  /** Undefined: as the configuration version is speculative or not. */
  planOnly?: boolean | undefined;
  /** The plan is kept until somebody decides to apply it. */
  savePlan: boolean;
  /** Undefined: as the workspace says. Means nothing to a saved plan. */
  autoApply?: boolean | undefined;
  /** A plan without changes is to be decided on too. */
  allowEmptyApply?: boolean | undefined;
  /** Of a plan-only run; undefined: as the workspace says. */
  terraformVersion?: string | undefined;
  targetAddrs: string[];
  replaceAddrs: string[];
  /** Terraform variables of this run alone, as HCL literals; they win over all but priority variable sets. */
  variables: { key: string; value: string }[];
};

/**
 * Queues a run: it begins as `pending` and, when it is the next of its workspace, goes on at once. It keeps the settings
 * and variables of this moment (M4). Throws `aws_variable_missing` (M2), `configuration_missing`, `invalid_request`.
 */
export async function createRun(core: RunCore, input: CreateRunInput): Promise<Run> {
  const workspace = await requireRemoteWorkspace(core, input);
  checkMode(input);
  if (input.isDestroy) {
    if (!workspace.allowDestroyPlan) throw destroyRefused(workspace.name);
    const pointer = '/data/attributes/confirm-name';
    requireConfirmName(input.by, { workspaceName: workspace.name, given: input.confirmName, pointer });
  }
  const configuration = findRunnableConfiguration(core.database, workspace.id, input.configurationVersionId);
  if (configuration === undefined) throw configurationMissing(input.configurationVersionId, workspace.name);
  const planOnly = configuration.speculative || (input.planOnly ?? false);
  if (input.terraformVersion !== undefined && !planOnly) throw versionRefused(workspace.terraformVersion);
  if (planOnly && input.savePlan) {
    throw new GatehouseError('invalid_request', 'A run that only plans saves no plan.', {
      pointer: '/data/attributes/save-plan',
    });
  }
  const place = { organization: workspace.organization, workspaceId: workspace.id };
  const placed = placedVariables(core.database, place);
  const mfaSerial = needsMfaAnywhere({ planOnly, mfaLevel: workspace.mfaLevel })
    ? await requireSomeDevice(core, workspace, placed)
    : null;
  const id = newId('run', core.clock.now().getTime());
  const pinned = await pinVariables(core.sealer, id, placed, input.variables);

  return change(core, (now) => {
    // They are read again inside: a change that came in between binds this run, which is subsequent to it (M1, M4).
    const current = currentMfaSettings(now.transaction, workspace.id);
    if (current?.mfaLevel !== workspace.mfaLevel || current.acceptedIdentities !== workspace.acceptedIdentities) {
      throw new GatehouseError(
        'conflict',
        `The MFA settings of ${workspace.name} have just changed. Queue the run again.`,
      );
    }
    // Its files may have been dropped meanwhile.
    if (findRunnableConfiguration(now.transaction, workspace.id, configuration.id) === undefined) {
      throw configurationMissing(configuration.id, workspace.name);
    }
    const run = insertRun(now.transaction, {
      id,
      organization: workspace.organization,
      workspaceId: workspace.id,
      configurationVersionId: configuration.id,
      message: input.message,
      source: input.source,
      isDestroy: input.isDestroy,
      refresh: input.refresh,
      refreshOnly: input.refreshOnly,
      planOnly,
      savePlan: input.savePlan,
      autoApply: !planOnly && !input.savePlan && (input.autoApply ?? workspace.autoApply),
      allowEmptyApply: !planOnly && (input.allowEmptyApply ?? false),
      targetAddrs: input.targetAddrs,
      replaceAddrs: input.replaceAddrs,
      mfaLevel: workspace.mfaLevel,
      terraformVersion: input.terraformVersion ?? workspace.terraformVersion,
      workingDirectory: workspace.workingDirectory,
      mfaSerial,
      roleArn: workspace.roleArn,
      planSessionPolicy: workspace.planSessionPolicy,
      planPolicyArns: planPolicyArnsOf(workspace),
      sessionDurationSeconds: workspace.sessionDurationSeconds,
      sessionDurationAutomatic: workspace.sessionDurationAutomatic,
      roleMaxSessionSeconds: workspace.roleMaxSessionSeconds,
      acceptedIdentities: workspace.acceptedIdentities,
      awsDelivery: workspace.awsDelivery,
      structuredOutput: workspace.structuredOutput,
      ...pinned,
      createdBy: input.by.userId,
      createdByName: input.by.username,
      createdAt: now.at,
    });
    insertPhases(now.transaction, id, now.at);
    begin(now, run);
    return requireRun(now.transaction, id);
  });
}

/** A run that only plans, or saves its plan, waits for nobody; any other starts if its workspace is free and it is the first in line. */
function begin(now: Change, run: Run): void {
  if (plansAtOnce(run)) releaseRun(now, run);
  else releaseNextRun(now, run.workspaceId);
}

async function requireRemoteWorkspace(core: RunCore, input: CreateRunInput): Promise<Workspace> {
  const { workspace } = await requireWorkspace(core.database, input.by, { id: input.workspaceId });
  refuseOrganizationToken(input.by);
  if (workspace.executionMode === 'local') {
    throw new GatehouseError(
      'invalid_request',
      `Workspace ${workspace.name} runs terraform on people's own machines (execution mode local).`,
      { pointer: '/data/relationships/workspace' },
    );
  }
  return workspace;
}

/** What terraform itself refuses to combine is refused before it costs anybody a code. */
function checkMode(input: CreateRunInput): void {
  const refuse = (attribute: string, message: string): never => {
    throw new GatehouseError('invalid_request', message, { pointer: `/data/attributes/${attribute}` });
  };
  if (input.isDestroy && input.refreshOnly) refuse('refresh-only', 'A run destroys or only refreshes, not both.');
  if (input.refreshOnly && !input.refresh) refuse('refresh', 'A refresh-only run cannot go without the refresh.');
  if ((input.isDestroy || input.refreshOnly) && input.replaceAddrs.length > 0) {
    refuse('replace-addrs', 'Resources are replaced by an ordinary plan only, not by destroy or refresh-only.');
  }
  const broken = input.variables.find(({ value }) => parseHclLiteral(value) === undefined);
  if (broken !== undefined) refuse('variables', `${broken.key}: ${hclLiteralRule}`);
}

/** What holds of one name is known before any value is opened. */
type PinnedVariable = Omit<ClaimedVariable, 'value'> & { origin: VariableOrigin; read(): Promise<string> };

async function pinVariables(
  sealer: RunCore['sealer'],
  runId: string,
  placed: readonly PlacedVariable[],
  ofThisRun: CreateRunInput['variables'],
): Promise<{ sealedVariables: string; sealedOwnVariables: string | null }> {
  // What replaces a sensitive variable is as sensitive.
  const isSensitive = (key: string) =>
    placed.some((row) => row.sensitive && row.category === 'terraform' && row.key === key);
  const own = ofThisRun.map(({ key, value }) => ({ key, value, sensitive: isSensitive(key) }));
  const given: PinnedVariable[] = own.map(({ key, value, sensitive }) => ({
    ...{ key, category: 'terraform', hcl: true, sensitive, origin: { kind: 'run' } },
    read: async () => value,
  }));
  const set: PinnedVariable[] = placed.map(({ id, key, category, hcl, sensitive, sealedValue, origin }) => ({
    ...{ key, category, hcl, sensitive, origin },
    read: () => sealer.unsealText(sealedValue, `variable/${id}`),
  }));
  const holding = holdingVariables([...given, ...set]).filter(
    ({ category, key }) => category !== 'env' || !withheldVariables.includes(key),
  );
  const pinned: ClaimedVariable[] = await Promise.all(
    holding.map(async ({ key, category, hcl, sensitive, read }) => ({
      ...{ key, category, hcl, sensitive },
      value: await read(),
    })),
  );
  return {
    sealedVariables: await sealer.seal(JSON.stringify(pinned), runVariablesContext(runId)),
    sealedOwnVariables: await sealOwnVariables(sealer, runId, own),
  };
}

/** Where the pinned variables of a run belong. */
export function runVariablesContext(runId: string): string {
  return `run-variables/${runId}`;
}

function destroyRefused(workspace: string): GatehouseError {
  const what = `Destroy runs are not allowed in ${workspace}. An owner can change that (allow-destroy-plan).`;
  return new GatehouseError('invalid_request', what, { pointer: '/data/attributes/is-destroy' });
}

function versionRefused(version: string): GatehouseError {
  const what = `Only a plan-only run can have a version of its own; this one takes the workspace's (${version}).`;
  return new GatehouseError('invalid_request', what, { pointer: '/data/attributes/terraform-version' });
}

function configurationMissing(asked: string | undefined, workspace: string): GatehouseError {
  const what =
    asked === undefined
      ? `Configuration version is missing: nothing was uploaded to ${workspace} yet.`
      : `Configuration version ${asked} is missing: it is not of ${workspace}, or not uploaded.`;
  return new GatehouseError('configuration_missing', what, {
    pointer: '/data/relationships/configuration-version',
  });
}
