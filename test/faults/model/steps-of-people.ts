import { mfaLevels } from '@gatehouse/shared/mfa-level';
import { canCancel, canConfirm, canDiscard, isTerminal, runningPhase } from '@gatehouse/shared/run-status';
import { chosen, fitting, hasApi, hasRun, openWorkspaces, runFor } from './choice.ts';
import { ask, said } from './http.ts';
import { nextSerial, stateOf } from './states.ts';
import type { Kind } from './step.ts';
import { addWorkspace } from './workspaces.ts';
import type { KnownRun, World } from './world.ts';

function decision(name: string, weight: number, action: string, fits: (world: World, run: KnownRun) => boolean): Kind {
  return {
    name,
    weight,
    isPossible: hasRun,
    async happen(world, pick) {
      const run = runFor(world, pick, (each) => fits(world, each));
      if (run === undefined) return `${name}: no run`;
      const before = world.status(run.id);
      const answer = await ask(world, 'POST', `/runs/${run.id}/actions/${action}`, { comment: '' });
      return `olga sends ${action} for ${run.name} (${before}): ${said(answer)}`;
    },
  };
}

export const createRun: Kind = {
  name: 'queue a run',
  weight: 6,
  isPossible: (world) => hasApi(world) && world.runs.length < 20,
  async happen(world, { one, other }) {
    const workspace = chosen(openWorkspaces(world), one);
    if (workspace === undefined) return 'there is no workspace to queue a run in';
    const kinds = [
      'plain',
      'plain',
      'auto',
      'auto',
      'plan-only',
      'saved',
      'destroy',
      'with variables',
      'empty',
    ] as const;
    const kind = chosen(kinds, other) ?? 'plain';
    const attributes = {
      'plan-only': kind === 'plan-only',
      'save-plan': kind === 'saved',
      'auto-apply': kind === 'auto',
      'is-destroy': kind === 'destroy',
      'allow-empty-apply': kind === 'empty',
      variables: kind === 'with variables' ? [{ key: 'size', value: '"large"' }] : [],
    };
    const relationships = { workspace: { data: { type: 'workspaces', id: workspace.id } } };
    const answer = await ask(world, 'POST', '/runs', { data: { type: 'runs', attributes, relationships } });
    if (answer?.status === 201) {
      world.runs.push({
        id: answer.id(),
        name: `run ${world.runs.length + 1}`,
        workspace,
        level: workspace.level,
        planOnly: kind === 'plan-only',
        savePlan: kind === 'saved',
        autoApply: kind === 'auto',
        claims: { plan: 0, apply: 0 },
      });
    }
    const what = `${kind === 'plain' ? 'a' : kind} run (${workspace.level})`;
    return `olga queues ${what} in ${workspace.name} as run ${world.runs.length}: ${said(answer)}`;
  },
};

const setLevel: Kind = {
  name: 'set the level of a workspace',
  weight: 2,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const workspace = chosen(openWorkspaces(world), one);
    const level = chosen(mfaLevels, other) ?? 'never';
    if (workspace === undefined) return 'there is no workspace to set a level of';
    const data = { type: 'workspaces', attributes: { 'mfa-level': level } };
    const answer = await ask(world, 'PATCH', `/workspaces/${workspace.id}`, { data });
    if (answer?.status === 200) workspace.level = level;
    return `olga sets ${workspace.name} to ${level}: ${said(answer)}`;
  },
};

const lock: Kind = {
  name: 'lock or unlock a workspace',
  weight: 2,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const workspace = chosen(openWorkspaces(world), one);
    if (workspace === undefined) return 'there is no workspace to lock';
    const action = workspace.lockedSince === undefined ? 'lock' : other % 2 === 0 ? 'unlock' : 'force-unlock';
    const answer = await ask(world, 'POST', `/workspaces/${workspace.id}/actions/${action}`, {});
    if (answer?.status === 200) workspace.lockedSince = action === 'lock' ? lastHistory(world) : undefined;
    return `olga sends ${action} for ${workspace.name}: ${said(answer)}`;
  },
};

const pushState: Kind = {
  name: "a person's own state",
  weight: 1,
  isPossible: (world) => hasApi(world) && openWorkspaces(world).some(({ lockedSince }) => lockedSince !== undefined),
  async happen(world, { one, other }) {
    const workspace = fitting(openWorkspaces(world), one, ({ lockedSince }) => lockedSince !== undefined);
    if (workspace === undefined) return 'there is no workspace to push a state to';
    const state = stateOf(workspace, { serial: nextSerial(workspace) + (other % 3) - 1, writer: 'olga' });
    const attributes = { ...state.said, state: state.bytes.toString('base64'), force: false };
    const data = { type: 'state-versions', attributes };
    const answer = await ask(world, 'POST', `/workspaces/${workspace.id}/state-versions`, { data });
    if (answer?.status === 201) workspace.states.push({ ...state.said, runId: null });
    return `olga pushes serial ${state.said.serial} to ${workspace.name}: ${said(answer)}`;
  },
};

const deleteWorkspace: Kind = {
  name: 'delete a workspace',
  weight: 1,
  isPossible: (world) => hasApi(world) && world.workspaces.length < 6,
  async happen(world, { one }) {
    const workspace = chosen(openWorkspaces(world), one);
    if (workspace === undefined) return 'there is no workspace to delete';
    const answer = await ask(world, 'DELETE', `/workspaces/${workspace.id}`);
    if (answer?.status === 204) {
      workspace.isDeleted = true;
      await addWorkspace(world, workspace.organization);
    }
    return `olga deletes ${workspace.name}: ${said(answer)}`;
  },
};

const pauseLane: Kind = {
  name: 'pause or resume a lane',
  weight: 1,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const lane = one % 3 === 0 ? 'gate' : 'runs';
    const action = other % 3 === 0 ? 'pause' : 'resume';
    const answer = await ask(world, 'POST', `/queue/actions/${action}`, { lane });
    return `olga sends ${action} for the lane ${lane}: ${said(answer)}`;
  },
};

export const stepsOfPeople: readonly Kind[] = [
  createRun,
  setLevel,
  lock,
  pushState,
  deleteWorkspace,
  pauseLane,
  decision('confirm', 7, 'apply', (world, { id }) => statusFits(world, id, canConfirm)),
  decision('discard', 2, 'discard', (world, { id }) => statusFits(world, id, canDiscard)),
  decision('cancel', 2, 'cancel', (world, { id }) => statusFits(world, id, canCancel)),
  decision('force-cancel', 2, 'force-cancel', (world, { id }) =>
    statusFits(world, id, (status) => runningPhase(status) !== undefined),
  ),
  decision('force-execute', 2, 'force-execute', (world, { id }) => world.status(id) === 'pending'),
  decision('revoke a session', 2, 'revoke-session', (world, { id }) =>
    statusFits(world, id, (status) => !isTerminal(status)),
  ),
];

type Status = NonNullable<ReturnType<World['status']>>;
function statusFits(world: World, runId: string, fits: (status: Status) => boolean): boolean {
  const status = world.status(runId);
  return status !== undefined && fits(status);
}

function lastHistory(world: World): number {
  return world.rows<{ last: number | null }>('select max(sequence) as last from run_history')[0]?.last ?? 0;
}
