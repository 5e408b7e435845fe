import { z } from 'zod';
import type { MemberRole } from '../store/schema/identity.ts';

/** Members run terraform; owners decide how. The terraform CLI panics where the whole is missing. */
export function workspacePermissionsOf(role: MemberRole) {
  const isOwner = role === 'owner';
  return {
    'can-destroy': isOwner,
    // Where this one is missing the CLI does not delete safely, but at once.
    'can-force-delete': isOwner,
    'can-force-unlock': isOwner,
    'can-lock': true,
    'can-manage-assessments': false,
    'can-manage-hyok': false,
    'can-manage-run-tasks': false,
    'can-manage-tags': isOwner,
    'can-queue-apply': true,
    'can-queue-destroy': true,
    'can-queue-run': true,
    'can-read-assessment-results': false,
    'can-read-run': true,
    'can-read-settings': true,
    'can-read-state-outputs': true,
    'can-read-state-versions': true,
    'can-create-state-versions': true,
    'can-read-variable': true,
    'can-unlock': true,
    'can-update': isOwner,
    'can-update-variable': isOwner,
  };
}

// Object.keys forgets the keys that the function proves.
const names = Object.keys(workspacePermissionsOf('owner')) as (keyof ReturnType<typeof workspacePermissionsOf>)[];

export const workspacePermissions = z.object(
  // Object.fromEntries types its keys as string; they are exactly the names.
  Object.fromEntries(names.map((name) => [name, z.boolean()])) as Record<(typeof names)[number], z.ZodBoolean>,
);
