import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Tag } from '../domain/project-rules.ts';
import type { Database } from '../store/database.ts';
import { changeWorkspace, type Workspace, type WorkspaceSettings } from '../store/workspaces.ts';
import { checkSession } from './create-workspace.ts';
import { requireProjectOf } from './find-project.ts';
import { requireOwnWorkspace, type WorkspaceAddress } from './find-workspace.ts';

/** Only an owner may (M1). Runs that exist keep the settings that they were created with (M4). */
export async function updateWorkspace(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  address: WorkspaceAddress,
  settings: Partial<WorkspaceSettings>,
  /** `tags`: all that it bears afterwards. */
  more: { projectId?: string | undefined; tags?: readonly Tag[] | undefined } = {},
): Promise<Workspace> {
  const { workspace } = await requireOwnWorkspace(database, actor, address);
  checkSession({ ...workspace, ...settings });
  const { projectId, tags } = more;
  if (projectId !== undefined) requireProjectOf(database, actor, workspace.organization, projectId);
  const changes = projectId === undefined ? settings : { ...settings, projectId };
  return changeWorkspace(database, actor, workspace, changes, clock.now(), tags);
}
