import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Tag } from '../domain/project-rules.ts';
import { refusalOfSession, type SessionSettings } from '../domain/workspace-rules.ts';
import type { Database } from '../store/database.ts';
import { createWorkspace, newWorkspaceSettings, type Workspace, type WorkspaceSettings } from '../store/workspaces.ts';
import { requireOwner } from './authorize.ts';
import { type NamedTag, tagNames } from './change-tags.ts';
import { requireProjectOf } from './find-project.ts';

export type CreateWorkspaceInput = {
  organization: string;
  /** What is not given has its default. */
  settings: Partial<WorkspaceSettings> & { name: string };
  projectId?: string | undefined;
  /** Tags with their values, and tags as words. */
  tags?: readonly Tag[] | undefined;
  words?: readonly NamedTag[] | undefined;
  sourceName?: string | undefined;
  sourceUrl?: string | undefined;
};

/** Only an owner may. */
export async function createWorkspaceOf(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: CreateWorkspaceInput,
): Promise<Workspace> {
  const { organization, projectId, tags = [], words = [], sourceName, sourceUrl } = input;
  const { name } = input.settings;
  // The terraform CLI makes the workspace that `init` names and does not find, and shows this sentence.
  await requireOwner(database, actor, organization, `make a workspace, and there is none called "${name}"`);
  const settings = { ...newWorkspaceSettings, ...input.settings };
  checkSession(settings);
  if (projectId !== undefined) requireProjectOf(database, actor, organization, projectId);
  const keys = tags.map(({ key }) => key);
  const alone = tagNames(database, organization, words).filter((word) => !keys.includes(word));
  const all = [...tags, ...alone.map((key) => ({ key, value: '' }))];
  const made = { organization, settings, projectId, tags: all, sourceName, sourceUrl };
  return createWorkspace(database, actor, made, clock.now());
}

export function checkSession(settings: SessionSettings): void {
  const refusal = refusalOfSession(settings);
  if (refusal === undefined) return;
  throw new GatehouseError('invalid_request', refusal.detail, { pointer: `/data/attributes/${refusal.field}` });
}
