import type { Actor } from '../domain/actor.ts';
import { unlockWorkspace } from '../store/workspace-locks.ts';
import type { Workspace } from '../store/workspaces.ts';
import { releaseWorkspace } from './release-workspace.ts';
import type { RunCore } from './run-core.ts';

/** Takes the lock away and starts the run that waited behind it. Throws `workspace_locked` and `conflict`. */
export async function unlockAndRelease(
  core: RunCore,
  actor: Actor,
  workspaceId: string,
  options: { force: boolean },
): Promise<Workspace> {
  const workspace = await unlockWorkspace(core.database, actor, workspaceId, options, core.clock.now());
  releaseWorkspace(core, workspaceId);
  return workspace;
}
