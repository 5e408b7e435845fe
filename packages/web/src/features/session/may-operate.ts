import type { CurrentSession } from './current-session.tsx';

/** Site admins see the queue of everybody, owners that of their organizations. */
export function mayOperate({ who, organizations }: CurrentSession): boolean {
  return who.isSiteAdmin || organizations.some(({ isOwner }) => isOwner);
}
