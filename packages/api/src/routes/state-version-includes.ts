import type { Actor } from '../domain/actor.ts';
import { requireMember } from '../services/authorize.ts';
import type { UploadUrlDependencies } from '../services/configuration-upload-url.ts';
import { readOutputValue } from '../services/read-state.ts';
import type { RunCore } from '../services/run-core.ts';
import { configurationVersionsOf } from '../store/configuration-versions.ts';
import { detailsOf } from '../store/run-details.ts';
import { findRun } from '../store/runs.ts';
import { outputsOfStateVersion, type StateVersion, type StateVersionOutput } from '../store/state-versions.ts';
import { findUser, namesOfUsers } from '../store/users.ts';
import { configurationVersionResource } from './configuration-version-resource.ts';
import { includedOnce, includesOf } from './includes.ts';
import { personResource } from './person-resource.ts';
import { runResource } from './run-resource.ts';
import { viewOf } from './run-view.ts';
import { stateVersionOutputResource } from './state-version-resource.ts';
import { userResource } from './user-resource.ts';

const includable = ['created_by', 'run', 'run.created_by', 'run.configuration_version', 'outputs'] as const;

export type StateIncludeDependencies = Pick<RunCore, 'database' | 'sealer' | 'settings'> & UploadUrlDependencies;

/** What goes with a state version. Throws `invalid_include`. */
export async function includedWithState(
  dependencies: StateIncludeDependencies,
  version: StateVersion,
  include: string | undefined,
  actor: Actor,
): Promise<unknown[] | undefined> {
  const { database } = dependencies;
  const asked = includesOf(include, includable);
  const included: Included[] = [];
  if (asked.has('outputs')) {
    const outputs = outputsOfStateVersion(database, version.id);
    included.push(...(await Promise.all(outputs.map((output) => outputInList(dependencies, output)))));
  }
  if (asked.has('created_by') && version.createdBy !== null) {
    const user = await findUser(database, version.createdBy);
    if (user !== undefined) included.push(userResource(user));
  }
  const run = asked.has('run') && version.runId !== null ? findRun(database, version.runId) : undefined;
  if (run !== undefined) {
    const { role } = await requireMember(database, actor, version.organization);
    included.push(runResource(detailsOf(database, run), viewOf(dependencies, { actor, role })));
    if (asked.has('run.created_by') && run.createdBy !== null) {
      included.push(...namesOfUsers(database, [run.createdBy]).map(personResource));
    }
    if (asked.has('run.configuration_version')) {
      const versions = configurationVersionsOf(database, [run.configurationVersionId]);
      included.push(...versions.map((each) => configurationVersionResource(dependencies, each)));
    }
  }
  return includedOnce(asked, included);
}

type Included = { id: string; type: string };

/** A sensitive value is shown only where it is read by itself. */
export async function outputInList(dependencies: Pick<RunCore, 'sealer'>, output: StateVersionOutput) {
  const value = output.sensitive ? undefined : await readOutputValue(dependencies, output);
  return stateVersionOutputResource(output, value);
}
