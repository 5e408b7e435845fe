import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { refusalOfSession, type SessionSettings } from '../domain/workspace-rules.ts';
import type { Database } from '../store/database.ts';
import { createWorkspace, newWorkspaceSettings, type Workspace, type WorkspaceSettings } from '../store/workspaces.ts';
import { requireOwner } from './authorize.ts';

/** Only an owner may; what is not given has its default. */
export async function createWorkspaceOf(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  organization: string,
  given: Partial<WorkspaceSettings> & { name: string },
): Promise<Workspace> {
  await requireOwner(database, actor, organization);
  const settings = { ...newWorkspaceSettings, ...given };
  checkSession(settings);
  return createWorkspace(database, actor, { organization, settings }, clock.now());
}

export function checkSession(settings: SessionSettings): void {
  const refusal = refusalOfSession(settings);
  if (refusal === undefined) return;
  throw new GatehouseError('invalid_request', refusal.detail, { pointer: `/data/attributes/${refusal.field}` });
}
