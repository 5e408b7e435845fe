import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import { changeWorkspace } from '../store/workspaces.ts';
import { requireOwnProject } from './find-project.ts';
import { requireOwnWorkspace } from './find-workspace.ts';
import { requireVisible } from './require-visible.ts';

/** Puts workspaces into a project of their own organization. None moves where one of them is not there. */
export async function moveWorkspaces(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: { projectId: string; workspaceIds: readonly string[] },
): Promise<void> {
  const { project } = await requireOwnProject(database, actor, input.projectId);
  const found = await Promise.all(input.workspaceIds.map((id) => requireOwnWorkspace(database, actor, { id })));
  const workspaces = found.map(({ workspace }) => {
    const isOfOrganization = workspace.organization === project.organization;
    return requireVisible(database, actor, isOfOrganization ? workspace : undefined, `workspace ${workspace.id}`);
  });
  for (const workspace of workspaces) {
    await changeWorkspace(database, actor, workspace, { projectId: project.id }, clock.now());
  }
}
