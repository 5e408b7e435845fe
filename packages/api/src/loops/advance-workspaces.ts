import { releaseWorkspace } from '../services/release-workspace.ts';
import type { RunCore } from '../services/run-core.ts';
import { workspacesWithPendingRuns } from '../store/workspace-queue.ts';

/** Starts what could start: the backstop for a workspace that was freed by something that forgot to say so. */
export function advanceWorkspaces(core: Omit<RunCore, 'sealer'>): void {
  for (const workspaceId of workspacesWithPendingRuns(core.database)) releaseWorkspace(core, workspaceId);
}
