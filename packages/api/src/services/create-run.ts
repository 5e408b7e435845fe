import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { withheldVariables } from '@gatehouse/shared/mfa-level';
import { holdingVariables, type VariableOrigin } from '@gatehouse/shared/variable-precedence';
import type { ClaimedVariable } from '@gatehouse/shared/worker-api';
import type { Actor } from '../domain/actor.ts';
import { requireConfirmName } from '../domain/confirm-name.ts';
import { needsMfaAnywhere } from '../domain/run.ts';
import { placedVariables } from '../store/effective-variables.ts';
import { insertPhases } from '../store/phases.ts';
import { currentMfaLevel, findRunnableConfiguration } from '../store/run-sources.ts';
import { insertRun, type Run, requireRun } from '../store/runs.ts';
import type { Workspace } from '../store/workspaces.ts';
import { requireMfaIdentity } from './aws-variables.ts';
import { requireWorkspace } from './find-workspace.ts';
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
  /** Undefined: as the workspace says. */
  autoApply?: boolean | undefined;
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
    const pointer = '/data/attributes/confirm-name';
    requireConfirmName(input.by, { workspaceName: workspace.name, given: input.confirmName, pointer });
  }
  const configuration = findRunnableConfiguration(core.database, workspace.id, input.configurationVersionId);
  if (configuration === undefined) throw configurationMissing(input.configurationVersionId, workspace.name);
  const planOnly = configuration.speculative || (input.planOnly ?? false);
  const place = { organization: workspace.organization, workspaceId: workspace.id };
  const mfaSerial = needsMfaAnywhere({ planOnly, mfaLevel: workspace.mfaLevel })
    ? (await requireMfaIdentity(core, place)).mfaSerial
    : null;
  const id = newId('run', core.clock.now().getTime());
  const sealedVariables = await pinVariables(core, id, place, input.variables);

  return change(core, (now) => {
    // The level is read again inside: a change that came in between binds this run, which is subsequent to it (M1, M4).
    if (currentMfaLevel(now.transaction, workspace.id) !== workspace.mfaLevel) {
      throw new GatehouseError('conflict', `The MFA level of ${workspace.name} has just changed. Queue the run again.`);
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
      autoApply: !planOnly && (input.autoApply ?? workspace.autoApply),
      targetAddrs: input.targetAddrs,
      replaceAddrs: input.replaceAddrs,
      mfaLevel: workspace.mfaLevel,
      terraformVersion: workspace.terraformVersion,
      workingDirectory: workspace.workingDirectory,
      mfaSerial,
      roleArn: workspace.roleArn,
      planSessionPolicy: workspace.planSessionPolicy,
      sessionDurationSeconds: workspace.sessionDurationSeconds,
      awsDelivery: workspace.awsDelivery,
      sealedVariables,
      createdBy: input.by.userId,
      createdByName: input.by.username,
      createdAt: now.at,
    });
    insertPhases(now.transaction, id, now.at);
    begin(now, run);
    return requireRun(now.transaction, id);
  });
}

/** A plan-only run waits for nobody; any other starts if its workspace is free and it is the first in line. */
function begin(now: Change, run: Run): void {
  if (run.planOnly) releaseRun(now, run);
  else releaseNextRun(now, run.workspaceId);
}

async function requireRemoteWorkspace(core: RunCore, input: CreateRunInput): Promise<Workspace> {
  const { workspace } = await requireWorkspace(core.database, input.by, { id: input.workspaceId });
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
}

/** What holds of one name is known before any value is opened. */
type PinnedVariable = Omit<ClaimedVariable, 'value'> & { origin: VariableOrigin; read(): Promise<string> };

async function pinVariables(
  core: RunCore,
  runId: string,
  place: { organization: string; workspaceId: string },
  ofThisRun: CreateRunInput['variables'],
): Promise<string> {
  const given: PinnedVariable[] = ofThisRun.map(({ key, value }) => ({
    ...{ key, category: 'terraform', hcl: true, sensitive: false, origin: { kind: 'run' } },
    read: async () => value,
  }));
  const set: PinnedVariable[] = placedVariables(core.database, place).map(
    ({ id, key, category, hcl, sensitive, sealedValue, origin }) => ({
      ...{ key, category, hcl, sensitive, origin },
      read: () => core.sealer.unsealText(sealedValue, `variable/${id}`),
    }),
  );
  const holding = holdingVariables([...given, ...set]).filter(
    ({ category, key }) => category !== 'env' || !withheldVariables.includes(key),
  );
  const pinned: ClaimedVariable[] = await Promise.all(
    holding.map(async ({ key, category, hcl, sensitive, read }) => ({
      ...{ key, category, hcl, sensitive },
      value: await read(),
    })),
  );
  return core.sealer.seal(JSON.stringify(pinned), runVariablesContext(runId));
}

/** Where the pinned variables of a run belong. */
export function runVariablesContext(runId: string): string {
  return `run-variables/${runId}`;
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
