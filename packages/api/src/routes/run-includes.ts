import type { Actor } from '../domain/actor.ts';
import { deviceHolderOf } from '../services/answering-devices.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import { configurationVersionsOf } from '../store/configuration-versions.ts';
import type { Database } from '../store/database.ts';
import type { RunDetails } from '../store/run-details.ts';
import { namesOfUsers } from '../store/users.ts';
import { configurationVersionResource } from './configuration-version-resource.ts';
import { includedOnce, includesOf } from './includes.ts';
import { personResource } from './person-resource.ts';
import { applyResource, planResource } from './phase-resource.ts';
import { workspaceResource } from './workspace-resource.ts';

/** All that go-tfe and the terraform CLI ask for. Those that Gatehouse does not have include nothing. */
const includable = [
  'apply',
  'comments',
  'configuration_version',
  'configuration_version.ingress_attributes',
  'confirmed_by',
  'cost_estimate',
  'created_by',
  'plan',
  'policy_checks',
  'run_events',
  'task_stages',
  'tf_policy_evaluations',
  'workspace',
] as const;

/** What goes with these runs, each thing once. */
export async function includedWithRuns(
  dependencies: LogReadUrlDependencies & { database: Database },
  runs: readonly RunDetails[],
  include: string | undefined,
  actor: Actor,
): Promise<unknown[] | undefined> {
  const { database } = dependencies;
  const asked = includesOf(include, includable);
  const included: { id: string; type: string }[] = [];
  if (asked.has('plan') || asked.has('apply')) {
    const holder = deviceHolderOf(database, actor);
    if (asked.has('plan')) included.push(...runs.map((details) => planResource(dependencies, details, holder)));
    if (asked.has('apply')) included.push(...runs.map((details) => applyResource(dependencies, details, holder)));
  }
  if (asked.has('workspace')) {
    for (const id of new Set(runs.map(({ run }) => run.workspaceId))) {
      const found = await requireWorkspace(database, actor, { id });
      const workspace = workspaceResource(database, found.workspace, found.membership.role);
      included.push(asPinned(workspace, runs));
    }
  }
  if (asked.has('configuration_version')) {
    const versions = configurationVersionsOf(
      database,
      runs.map(({ run }) => run.configurationVersionId),
    );
    included.push(...versions.map((version) => configurationVersionResource(dependencies, version)));
  }
  const people = runs.flatMap(({ run }) => [
    asked.has('created_by') ? run.createdBy : null,
    asked.has('confirmed_by') ? run.confirmedBy : null,
  ]);
  included.push(
    ...namesOfUsers(
      database,
      people.filter((id) => id !== null),
    ).map(personResource),
  );
  return includedOnce(asked, included);
}

/**
 * The terraform CLI reads here how the log of its run is to be read, which the run keeps whatever the workspace says since.
 * With several runs there is one workspace for all, which says what holds now.
 */
function asPinned(workspace: ReturnType<typeof workspaceResource>, [details, ...others]: readonly RunDetails[]) {
  if (details === undefined || others.length > 0) return workspace;
  const attributes = {
    ...workspace.attributes,
    'structured-run-output-enabled': details.run.structuredOutput,
  };
  return { ...workspace, attributes };
}
