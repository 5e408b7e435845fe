import { viaToken } from '../domain/actor.ts';
import { findUser } from '../store/users.ts';
import { createRun } from './create-run.ts';
import type { RunCore } from './run-core.ts';

/** The run of a configuration version with `auto-queue-runs`, in the name of who made it; none when that user is gone. */
export async function queueRunOfUpload(
  core: RunCore,
  input: { workspaceId: string; configurationVersionId: string; createdBy: string | null },
): Promise<void> {
  const user = input.createdBy === null ? undefined : await findUser(core.database, input.createdBy);
  if (user === undefined) return;
  await createRun(core, {
    by: { userId: user.id, username: user.username, isSiteAdmin: user.isSiteAdmin, via: viaToken(user.serviceOf) },
    workspaceId: input.workspaceId,
    configurationVersionId: input.configurationVersionId,
    message: 'Queued by the upload of its configuration',
    source: 'tfe-configuration-version',
    isDestroy: false,
    refresh: true,
    refreshOnly: false,
    savePlan: false,
    targetAddrs: [],
    replaceAddrs: [],
    variables: [],
  });
}
