import { outputTypeName } from '../domain/state-file.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import { readOutputValue } from '../services/read-state.ts';
import type { RunCore } from '../services/run-core.ts';
import { configurationVersionsOf } from '../store/configuration-versions.ts';
import { findOrganization } from '../store/organizations.ts';
import { findProject } from '../store/projects.ts';
import { runDetails } from '../store/run-details.ts';
import { findRun, type Run } from '../store/runs.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { teamBehind } from '../store/service-accounts.ts';
import { currentStateVersion, outputsOfStateVersion, type StateVersionOutput } from '../store/state-versions.ts';
import { effectiveTags } from '../store/tags.ts';
import { namesOfUsers } from '../store/users.ts';
import type { Workspace } from '../store/workspaces.ts';
import { configurationVersionResource } from './configuration-version-resource.ts';
import { includedOnce, includesOf } from './includes.ts';
import { organizationResource } from './organization-resource.ts';
import { personResource } from './person-resource.ts';
import { planResource } from './phase-resource.ts';
import { projectResource } from './project-resource.ts';
import { type RunView, runResource } from './run-resource.ts';
import { type Viewer, viewOf } from './run-view.ts';
import { stateVersionResource } from './state-version-resource.ts';
import { effectiveTagBindingResource } from './tag-resource.ts';
import { workspaceResource } from './workspace-resource.ts';

/** All that go-tfe asks for. A readme and commits are not here: they include nothing. */
const includable = [
  'current_configuration_version',
  'current_configuration_version.ingress_attributes',
  'current_run',
  'current_run.configuration_version',
  'current_run.configuration_version.ingress_attributes',
  'current_run.plan',
  'current_state_version',
  'effective_tag_bindings',
  'locked_by',
  'organization',
  'outputs',
  'project',
  'readme',
] as const;

export type WorkspaceIncludeDependencies = RunCore & LogReadUrlDependencies;
type Included = { id: string; type: string };

/** Workspaces of one organization, with what goes with them. */
export async function workspacesWithIncluded(
  dependencies: WorkspaceIncludeDependencies,
  workspaces: readonly Workspace[],
  include: string | undefined,
  viewer: Viewer,
) {
  const { database } = dependencies;
  const { role } = viewer;
  const view = viewOf(dependencies, viewer);
  const asked = includesOf(include, includable);
  const included: Included[] = [];
  const data: ReturnType<typeof workspaceResource>[] = [];
  const runs: Run[] = [];
  const configurations: string[] = [];
  for (const workspace of workspaces) {
    const state = currentStateVersion(database, workspace.id);
    const outputs = state === undefined ? [] : outputsOfStateVersion(database, state.id);
    const tags = asked.has('effective_tag_bindings') ? effectiveTags(database, workspace) : undefined;
    const resource = workspaceResource(database, workspace, role, {
      outputs: asked.has('outputs') ? outputs : undefined,
      effectiveTags: tags,
    });
    data.push(resource);
    const { relationships } = resource;
    if (tags) included.push(...tags.map(effectiveTagBindingResource));
    if (asked.has('outputs')) {
      included.push(...(await Promise.all(outputs.map((output) => outputResource(dependencies, output)))));
    }
    if (asked.has('current_state_version') && state !== undefined) {
      included.push(stateVersionResource(dependencies, state, outputs));
    }
    const runId = relationships['current-run'].data?.id;
    const run = asked.has('current_run') && runId !== undefined ? findRun(database, runId) : undefined;
    if (run !== undefined) runs.push(run);
    if (asked.has('current_run.configuration_version') && run !== undefined) {
      configurations.push(run.configurationVersionId);
    }
    const current = relationships['current-configuration-version'].data?.id;
    if (asked.has('current_configuration_version') && current !== undefined) configurations.push(current);
    if (asked.has('project')) {
      const project = findProject(database, workspace.projectId);
      if (project !== undefined) included.push(projectResource(database, project, role));
    }
    if (asked.has('organization')) included.push(...(await organizationOf(dependencies, workspace, role)));
  }
  for (const details of runDetails(database, runs)) {
    included.push(runResource(details, view));
    if (asked.has('current_run.plan')) included.push(planResource(dependencies, details, view.holder));
  }
  const versions = configurationVersionsOf(database, configurations);
  included.push(...versions.map((version) => configurationVersionResource(dependencies, version)));
  if (asked.has('locked_by')) included.push(...holders(dependencies, workspaces, view, data));
  return { data, included: includedOnce(asked, included) };
}

async function organizationOf(
  { database }: WorkspaceIncludeDependencies,
  workspace: Workspace,
  role: MemberRole,
): Promise<Included[]> {
  const organization = await findOrganization(database, workspace.organization);
  return organization === undefined ? [] : [organizationResource(database, organization, role)];
}

/** The people, teams and runs that hold workspaces. */
function holders(
  dependencies: WorkspaceIncludeDependencies,
  workspaces: readonly Workspace[],
  view: RunView,
  shown: readonly ReturnType<typeof workspaceResource>[],
): Included[] {
  const { database } = dependencies;
  const people: string[] = [];
  const teams: Included[] = [];
  for (const { lockedBy } of workspaces) {
    if (lockedBy === null) continue;
    const team = teamBehind(database, lockedBy);
    if (team === undefined) people.push(lockedBy);
    else teams.push(lockingTeamResource(team));
  }
  const runs = shown.flatMap(({ relationships }) => {
    const holder = relationships['locked-by'].data;
    return holder?.type === 'runs' ? (findRun(database, holder.id) ?? []) : [];
  });
  return [
    ...namesOfUsers(database, people).map(personResource),
    ...teams,
    ...runDetails(database, runs).map((details) => runResource(details, view)),
  ];
}

/** A team as every member may see it, also a secret one: what it does bears its name. */
function lockingTeamResource({ id, name }: { id: string; name: string }) {
  return { id, type: 'teams', attributes: { name } };
}

/** As go-tfe reads outputs with a workspace; the same output read by itself is another type. */
async function outputResource(dependencies: WorkspaceIncludeDependencies, output: StateVersionOutput) {
  const { id, name, sensitive, detailedType } = output;
  const value = sensitive ? null : await readOutputValue(dependencies, output);
  const attributes = { name, sensitive, 'output-type': outputTypeName(detailedType), value };
  return { id, type: 'workspace-outputs', attributes };
}
