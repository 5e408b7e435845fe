import { newId } from '@gatehouse/shared/ids';
import { mfaLevels } from '@gatehouse/shared/mfa-level';
import type { Actor } from '../../../packages/api/src/domain/actor.ts';
import type { Database } from '../../../packages/api/src/store/database.ts';
import { configurationVersions } from '../../../packages/api/src/store/schema/workspaces.ts';
import { createWorkspace, newWorkspaceSettings } from '../../../packages/api/src/store/workspaces.ts';
import type { KnownWorkspace } from './world.ts';

type Place = { database: Database; olga: Actor; clock: { now(): Date }; workspaces: KnownWorkspace[] };

/** A workspace that runs can be queued in. The levels take turns, so that each is met early. */
export async function addWorkspace(place: Place, organization: string): Promise<KnownWorkspace> {
  const { database, olga, clock, workspaces } = place;
  const name = `ws-${workspaces.length + 1}`;
  const level = mfaLevels[(workspaces.length + 1) % mfaLevels.length] ?? 'never';
  const settings = { ...newWorkspaceSettings, name, mfaLevel: level };
  const { id } = await createWorkspace(database, olga, { organization, settings }, clock.now());
  const now = clock.now();
  const version = { id: newId('configurationVersion'), workspaceId: id, status: 'uploaded' as const };
  database
    .insert(configurationVersions)
    .values({ ...version, createdAt: now, uploadedAt: now })
    .run();
  const made = { id, name, organization, level, lockedSince: undefined, isDeleted: false, states: [] };
  workspaces.push(made);
  return made;
}
