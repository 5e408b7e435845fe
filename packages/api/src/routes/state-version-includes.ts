import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireMember } from '../services/authorize.ts';
import { readOutputValue } from '../services/read-state.ts';
import type { RunCore } from '../services/run-core.ts';
import { detailsOf } from '../store/run-details.ts';
import { findRun } from '../store/runs.ts';
import { outputsOfStateVersion, type StateVersion, type StateVersionOutput } from '../store/state-versions.ts';
import { findUser } from '../store/users.ts';
import { userResource } from './account.ts';
import { runResource } from './run-resource.ts';
import { viewOf } from './run-view.ts';
import { stateVersionOutputResource } from './state-version-resource.ts';

/** `outputs`, `created_by` and `run` are included; whatever else clients ask for has nothing to include, and is no error. */
export const stateIncludeQuery = z.object({ include: z.string().max(500).optional() });

export type StateIncludeDependencies = Pick<RunCore, 'database' | 'sealer' | 'clock' | 'settings'>;

export async function includedWithState(
  dependencies: StateIncludeDependencies,
  version: StateVersion,
  include: string | undefined,
  actor: Actor,
): Promise<unknown[] | undefined> {
  if (include === undefined) return undefined;
  const { database } = dependencies;
  const names = include.split(',').map((name) => name.trim());
  const included: unknown[] = [];
  if (names.includes('outputs')) {
    const outputs = outputsOfStateVersion(database, version.id);
    included.push(...(await Promise.all(outputs.map((output) => outputInList(dependencies, output)))));
  }
  if (names.includes('created_by') && version.createdBy !== null) {
    const user = await findUser(database, version.createdBy);
    if (user !== undefined) included.push(userResource(user));
  }
  const run = names.includes('run') && version.runId !== null ? findRun(database, version.runId) : undefined;
  if (run !== undefined) {
    const { role } = await requireMember(database, actor, version.organization);
    included.push(runResource(detailsOf(database, run), viewOf(dependencies, role)));
  }
  return included;
}

/** A sensitive value is shown only where it is read by itself. */
export async function outputInList(dependencies: Pick<RunCore, 'sealer'>, output: StateVersionOutput) {
  const value = output.sensitive ? undefined : await readOutputValue(dependencies, output);
  return stateVersionOutputResource(output, value);
}
