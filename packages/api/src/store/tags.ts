// A tag is one thing here: a key that a workspace or a project bears, with a value or without. The flat tags of the TFE
// API are the keys, its tag bindings the keys with their values (docs/decisions/0017-one-kind-of-tag.md).
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { newId } from '@gatehouse/shared/ids';
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../domain/actor.ts';
import { mostTags, type Tag, type TagFilter } from '../domain/project-rules.ts';
import { recordAudit } from './audit.ts';
import type { Database, Transaction } from './database.ts';
import { announceSettingsChange } from './outbox.ts';
import { projects, tagBindings, tags } from './schema/projects.ts';
import { workspaces } from './schema/workspaces.ts';

/** What bears tags. */
export type Tagged = { kind: 'workspace' | 'project'; id: string; organization: string; name: string };

export type TagBinding = Tag & { id: string; tagId: string };
/** `inheritedFrom`: the id of the project that bears it; null: the workspace itself does. */
export type EffectiveTagBinding = TagBinding & { inheritedFrom: string | null };

/** In the order in which they were added. */
export function tagsOf(database: Database | Transaction, bearer: Pick<Tagged, 'kind' | 'id'>): TagBinding[] {
  return database
    .select({ id: tagBindings.id, tagId: tags.id, key: tags.name, value: tagBindings.value })
    .from(tagBindings)
    .innerJoin(tags, eq(tags.id, tagBindings.tagId))
    .where(borneBy(bearer))
    .orderBy(sql`${tagBindings}.rowid`)
    .all();
}

/** A workspace's own, and those of its project that it does not give a value of its own. */
export function effectiveTags(
  database: Database | Transaction,
  workspace: { id: string; projectId: string },
): EffectiveTagBinding[] {
  const own = tagsOf(database, { kind: 'workspace', id: workspace.id });
  const keys = new Set(own.map(({ key }) => key));
  const inherited = tagsOf(database, { kind: 'project', id: workspace.projectId });
  return [
    ...own.map((tag) => ({ ...tag, inheritedFrom: null })),
    ...inherited.filter(({ key }) => !keys.has(key)).map((tag) => ({ ...tag, inheritedFrom: workspace.projectId })),
  ];
}

/** Adds them; one that is borne already gets the new value. Part of a transaction. */
export function putTags(
  transaction: Transaction,
  actor: Actor,
  bearer: Tagged,
  given: readonly Tag[],
  now: Date,
): TagBinding[] {
  return changing(transaction, actor, bearer, now, () => {
    for (const tag of given) bind(transaction, bearer, tag, now);
  });
}

/** Adds words; one that is borne already keeps its value. */
export function addTagNames(
  transaction: Transaction,
  actor: Actor,
  bearer: Tagged,
  names: readonly string[],
  now: Date,
): TagBinding[] {
  const borne = tagsOf(transaction, bearer).map(({ key }) => key);
  const added = names.filter((name) => !borne.includes(name));
  return putTags(
    transaction,
    actor,
    bearer,
    added.map((key) => ({ key, value: '' })),
    now,
  );
}

/** Afterwards it bears these and no others. */
export function replaceTags(
  transaction: Transaction,
  actor: Actor,
  bearer: Tagged,
  given: readonly Tag[],
  now: Date,
): TagBinding[] {
  return changing(transaction, actor, bearer, now, () => {
    const kept = given.map(({ key }) => key);
    const gone = tagsOf(transaction, bearer).filter(({ key }) => !kept.includes(key));
    unbind(transaction, gone);
    for (const tag of given) bind(transaction, bearer, tag, now);
  });
}

/** Those that it does not bear are no error, as on the TFE API. */
export function removeTagNames(
  transaction: Transaction,
  actor: Actor,
  bearer: Tagged,
  names: readonly string[],
  now: Date,
): TagBinding[] {
  return changing(transaction, actor, bearer, now, () => {
    unbind(
      transaction,
      tagsOf(transaction, bearer).filter(({ key }) => names.includes(key)),
    );
  });
}

/** A condition on `workspaces`: bears the tag itself, or its project does. */
export function workspaceBears(filter: TagFilter): SQL {
  const own = binding(sql`b.workspace_id = ${workspaces.id}`, filter);
  const overridden = binding(sql`b.workspace_id = ${workspaces.id}`, { key: filter.key, value: undefined });
  const inherited = binding(sql`b.project_id = ${workspaces.projectId}`, filter);
  return sql`(${own} or (not ${overridden} and ${inherited}))`;
}

/** A condition on `projects`. */
export function projectBears(filter: TagFilter): SQL {
  return binding(sql`b.project_id = ${projects.id}`, filter);
}

function binding(where: SQL, { key, value }: TagFilter): SQL {
  const andValue = value === undefined ? sql`` : sql` and b.value = ${value}`;
  return sql`exists (select 1 from tag_bindings b join tags t on t.id = b.tag_id where ${where} and t.name = ${key}${andValue})`;
}

function borneBy({ kind, id }: Pick<Tagged, 'kind' | 'id'>): SQL {
  return kind === 'workspace' ? eq(tagBindings.workspaceId, id) : eq(tagBindings.projectId, id);
}

function bind(transaction: Transaction, bearer: Tagged, { key, value }: Tag, now: Date): void {
  const tagId = tagNamed(transaction, bearer.organization, key, now);
  const borne = transaction
    .select({ id: tagBindings.id })
    .from(tagBindings)
    .where(and(borneBy(bearer), eq(tagBindings.tagId, tagId)))
    .get();
  if (borne !== undefined) {
    transaction.update(tagBindings).set({ value }).where(eq(tagBindings.id, borne.id)).run();
    return;
  }
  const by = bearer.kind === 'workspace' ? { workspaceId: bearer.id } : { projectId: bearer.id };
  const id = newId('tagBinding', now.getTime());
  transaction
    .insert(tagBindings)
    .values({ id, tagId, value, ...by })
    .run();
}

function unbind(transaction: Transaction, bindings: readonly TagBinding[]): void {
  const ids = bindings.map(({ id }) => id);
  transaction.delete(tagBindings).where(inArray(tagBindings.id, ids)).run();
}

function tagNamed(transaction: Transaction, organization: string, name: string, now: Date): string {
  const known = transaction
    .select({ id: tags.id })
    .from(tags)
    .where(and(eq(tags.organization, organization), eq(tags.name, name)))
    .get();
  if (known !== undefined) return known.id;
  const id = newId('tag', now.getTime());
  transaction.insert(tags).values({ id, organization, name }).run();
  return id;
}

/** There is no change of tags without its record, nor without its announcement; and none beyond the limit. */
function changing(transaction: Transaction, actor: Actor, bearer: Tagged, at: Date, change: () => void): TagBinding[] {
  const before = tagsOf(transaction, bearer);
  change();
  const after = tagsOf(transaction, bearer);
  if (after.length > mostTags) {
    throw new GatehouseError('invalid_request', `${bearer.name} cannot exceed ${mostTags} tags.`, { pointer: '/data' });
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return after;
  const { kind, id, organization, name } = bearer;
  const table = kind === 'workspace' ? workspaces : projects;
  transaction.update(table).set({ updatedAt: at }).where(eq(table.id, id)).run();
  const details = { name, before: asObject(before), after: asObject(after) };
  const target = { organization, targetType: `${kind}s`, targetId: id };
  recordAudit(transaction, { ...target, actor, action: `${kind}.tags_changed`, details, at });
  const isWorkspace = kind === 'workspace';
  announceSettingsChange(
    transaction,
    { organization, workspaceId: isWorkspace ? id : null, workspace: isWorkspace ? name : null },
    at,
  );
  return after;
}

function asObject(bindings: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(bindings.map(({ key, value }) => [key, value]));
}
