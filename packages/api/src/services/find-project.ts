import type { Actor } from '../domain/actor.ts';
import type { Database } from '../store/database.ts';
import type { Membership } from '../store/memberships.ts';
import { findProject, type Project } from '../store/projects.ts';
import { requireMember, requireOwner } from './authorize.ts';
import { requireVisible } from './require-visible.ts';

/** A project of an organization that the actor is a member of; else `not_found`. */
export async function requireProject(
  database: Database,
  actor: Actor,
  id: string,
): Promise<{ project: Project; membership: Membership }> {
  const project = requireVisible(database, actor, findProject(database, id), `project ${id}`);
  return { project, membership: await requireMember(database, actor, project.organization) };
}

/** The same, for what only an owner may do. */
export async function requireOwnProject(
  database: Database,
  actor: Actor,
  id: string,
): Promise<{ project: Project; membership: Membership }> {
  const found = await requireProject(database, actor, id);
  await requireOwner(database, actor, found.project.organization);
  return found;
}

/** A project of this very organization, for a workspace of it; another's is as if it were not there. */
export function requireProjectOf(database: Database, actor: Actor, organization: string, id: string): Project {
  const found = findProject(database, id);
  return requireVisible(database, actor, found?.organization === organization ? found : undefined, `project ${id}`);
}
