import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { changeWorkspace, type Workspace, type WorkspaceSettings } from '../store/workspaces.ts';
import { checkSession } from './create-workspace.ts';
import { requireOwnWorkspace, type WorkspaceAddress } from './find-workspace.ts';

/** Only an owner may (M1). Runs that exist keep the settings that they were created with (M4). */
export async function updateWorkspace(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  address: WorkspaceAddress,
  settings: Partial<WorkspaceSettings>,
): Promise<Workspace> {
  const { workspace } = await requireOwnWorkspace(database, actor, address);
  checkSession({ ...workspace, ...settings });
  return changeWorkspace(database, actor, workspace, settings, clock.now());
}
