import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import type { Sealer } from '@gatehouse/shared/seal';
import { nameOf } from '@gatehouse/shared/variable-precedence';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import {
  changeVariableSet,
  deleteVariableSet,
  insertVariableSet,
  moveVariableSet,
  type VariableSet,
} from '../store/variable-sets.ts';
import { findWorkspace } from '../store/workspaces.ts';
import { requireOwner } from './authorize.ts';
import { requireOwnVariableSet } from './find-variable-set.ts';
import { newVariable, type VariableInput } from './set-variable.ts';

type Dependencies = { database: Database; sealer: Sealer; clock: Clock };

export type VariableSetInput = Pick<VariableSet, 'name' | 'description' | 'global' | 'priority'>;

/** Makes a set whole: with its variables, and where it holds. Owners only. Throws `invalid_request`, `already_exists`. */
export async function createVariableSet(
  { database, sealer, clock }: Dependencies,
  actor: Actor,
  organization: string,
  given: { input: VariableSetInput; workspaceIds: readonly string[]; variables: readonly VariableInput[] },
): Promise<VariableSet> {
  await requireOwner(database, actor, organization);
  const now = clock.now();
  const set: VariableSet = {
    ...given.input,
    id: newId('variableSet', now.getTime()),
    organization,
    createdAt: now,
    updatedAt: now,
  };
  const workspaceIds = await workspacesOf(database, set, given.workspaceIds);
  refuseRepeated(given.variables);
  const scope = { organization, workspaceId: null, variableSetId: set.id };
  const variables = await Promise.all(
    given.variables.map((variable) => newVariable({ sealer, clock }, actor, scope, variable)),
  );
  await insertVariableSet(database, actor, set, { workspaceIds, variables });
  return set;
}

/** Changes what is given. `workspaceIds` is the whole list of where it is to hold; undefined leaves it. */
export async function updateVariableSet(
  { database, clock }: Dependencies,
  actor: Actor,
  id: string,
  changes: { input: Partial<VariableSetInput>; workspaceIds: readonly string[] | undefined },
): Promise<VariableSet> {
  const before = await requireOwnVariableSet(database, actor, id);
  const after: VariableSet = { ...before, ...changes.input, updatedAt: clock.now() };
  const workspaceIds = changes.workspaceIds && (await workspacesOf(database, after, changes.workspaceIds));
  await changeVariableSet(database, actor, after, workspaceIds);
  return after;
}

export async function removeVariableSet({ database, clock }: Dependencies, actor: Actor, id: string): Promise<void> {
  const set = await requireOwnVariableSet(database, actor, id);
  await deleteVariableSet(database, actor, set, clock.now());
}

/** Has the set hold in more workspaces, or in fewer. Throws `invalid_request` for a global one, which holds in all. */
export async function applyVariableSet(
  { database, clock }: Dependencies,
  actor: Actor,
  id: string,
  move: { workspaceIds: readonly string[]; isApplied: boolean },
): Promise<void> {
  const set = await requireOwnVariableSet(database, actor, id);
  if (set.global) throw holdsEverywhere(set);
  const workspaceIds = await workspacesOf(database, set, move.workspaceIds);
  await moveVariableSet(database, actor, { set, workspaceIds, isApplied: move.isApplied }, clock.now());
}

/** Each once. Those of another organization are as if they did not exist. */
async function workspacesOf(database: Database, set: VariableSet, ids: readonly string[]): Promise<string[]> {
  const known = new Set<string>();
  for (const id of ids) {
    const workspace = await findWorkspace(database, id);
    if (workspace?.organization !== set.organization) {
      throw new GatehouseError('not_found', `There is no workspace ${id} in ${set.organization}.`);
    }
    known.add(id);
  }
  if (set.global && known.size > 0) throw holdsEverywhere(set);
  return [...known];
}

function refuseRepeated(variables: readonly VariableInput[]): void {
  const names = variables.map(nameOf);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new GatehouseError('invalid_request', `The variable ${repeated} is given twice.`, {
    pointer: '/data/relationships/vars',
  });
}

function holdsEverywhere(set: VariableSet): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `The variable set "${set.name}" is global: it holds in every workspace, and cannot be applied to some.`,
  );
}
