import { z } from 'zod';
import type { Actor } from '../domain/actor.ts';
import { requireWorkspace } from '../services/find-workspace.ts';
import type { LogReadUrlDependencies } from '../services/log-read-url.ts';
import type { Database } from '../store/database.ts';
import type { RunDetails } from '../store/run-details.ts';
import { applyResource, planResource } from './phase-resource.ts';
import { workspaceResource } from './workspace-resource.ts';

/** `plan`, `apply` and `workspace` are included; whatever else clients ask for has nothing to include, and is no error. */
export const includeQuery = z.object({ include: z.string().max(500).optional() });

export async function includedWith(
  dependencies: LogReadUrlDependencies & { database: Database },
  details: RunDetails,
  include: string | undefined,
  actor: Actor,
): Promise<unknown[] | undefined> {
  if (include === undefined) return undefined;
  const names = include.split(',').map((name) => name.trim());
  const included: unknown[] = [];
  if (names.includes('plan')) included.push(planResource(dependencies, details));
  if (names.includes('apply')) included.push(applyResource(dependencies, details));
  if (names.includes('workspace')) {
    const found = await requireWorkspace(dependencies.database, actor, { id: details.run.workspaceId });
    const workspace = workspaceResource(dependencies.database, found.workspace, found.membership.role);
    included.push({ ...workspace, attributes: { ...workspace.attributes, ...asPinned(details) } });
  }
  return included;
}

/** The terraform CLI reads here how the run's log is to be read, which the run keeps whatever the workspace says since. */
function asPinned({ run }: RunDetails) {
  return { 'structured-run-output-enabled': run.structuredOutput };
}
