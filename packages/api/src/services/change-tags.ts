import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Tag } from '../domain/project-rules.ts';
import { type Database, inTransaction } from '../store/database.ts';
import { findTag } from '../store/organization-tags.ts';
import { addTagNames, putTags, removeTagNames, type TagBinding, type Tagged } from '../store/tags.ts';
import { requireOwnProject } from './find-project.ts';
import { requireOwnWorkspace } from './find-workspace.ts';

type Dependencies = { database: Database; clock: Clock };

/** How a request names a tag as a word. */
export type NamedTag = { id?: string | undefined; name?: string | undefined };

/** Adds tags to what the path names, or gives them new values. Owners only. */
export async function putTagBindings(
  { database, clock }: Dependencies,
  actor: Actor,
  bearer: { kind: Tagged['kind']; id: string },
  tags: readonly Tag[],
): Promise<TagBinding[]> {
  const found =
    bearer.kind === 'workspace'
      ? (await requireOwnWorkspace(database, actor, bearer)).workspace
      : (await requireOwnProject(database, actor, bearer.id)).project;
  const tagged: Tagged = { ...found, kind: bearer.kind };
  return inTransaction(database, (transaction) => putTags(transaction, actor, tagged, tags, clock.now()));
}

/** Gives words to a workspace, or takes them away. Owners only. */
export async function changeTagNames(
  { database, clock }: Dependencies,
  actor: Actor,
  change: { workspaceId: string; how: 'add' | 'remove'; tags: readonly NamedTag[] },
): Promise<void> {
  const { workspace } = await requireOwnWorkspace(database, actor, { id: change.workspaceId });
  const names = tagNames(database, workspace.organization, change.tags);
  const write = change.how === 'add' ? addTagNames : removeTagNames;
  inTransaction(database, (transaction) =>
    write(transaction, actor, { ...workspace, kind: 'workspace' }, names, clock.now()),
  );
}

/** Gives one tag to several workspaces of its organization. Owners only. */
export async function addWorkspacesToTag(
  dependencies: Dependencies,
  actor: Actor,
  input: { tagId: string; workspaceIds: readonly string[] },
): Promise<void> {
  const { database } = dependencies;
  const found = await Promise.all(input.workspaceIds.map((id) => requireOwnWorkspace(database, actor, { id })));
  for (const { workspace } of found) tagNames(database, workspace.organization, [{ id: input.tagId }]);
  for (const { workspace } of found) {
    await changeTagNames(dependencies, actor, { workspaceId: workspace.id, how: 'add', tags: [{ id: input.tagId }] });
  }
}

/** Names, of tags that are known by their ids too. Throws `not_found` for an id of another organization. */
export function tagNames(database: Database, organization: string, tags: readonly NamedTag[]): string[] {
  return tags.map(({ id, name }, index) => {
    const known = name === undefined && id !== undefined ? findTag(database, id) : undefined;
    if (known?.organization === organization) return known.name;
    if (name !== undefined) return name;
    const pointer = `/data/${index}`;
    if (id === undefined) throw new GatehouseError('invalid_request', 'Name a tag, or give its id.', { pointer });
    throw new GatehouseError('not_found', `There is no tag ${id} that you may see.`, { pointer });
  });
}
