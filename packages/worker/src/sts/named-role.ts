import type { RoleTrust, SeenTrust, SessionRequest } from '@gatehouse/shared/worker-api';
import type { Identity, IssuedSession } from './session.ts';
import type { RoleWish, StsCaller } from './sts-client.ts';
import { deniedAction, isDenied, isTooLarge } from './sts-rejections.ts';

/** A session of a role, and what the role let be said of it; undefined: nothing was to be said, or not all was tried. */
export type NamedRole = { session: IssuedSession; trust: RoleTrust | undefined };

/** What is to be said of the session beside its name. */
export function wantedOf(wish: Pick<SessionRequest, 'tags' | 'sourceIdentity'>): RoleTrust {
  return { tags: (wish.tags?.length ?? 0) > 0, sourceIdentity: wish.sourceIdentity !== undefined };
}

/**
 * Assumes the role with tags and source identity, or with as much of it as the role allows. AWS refuses the whole call
 * when a trust policy lacks `sts:TagSession` or `sts:SetSourceIdentity`, and does not always name which, so that any
 * denial is answered by asking for less: four calls at most. Never with a code, which the first refusal would spend. Tags
 * also count with the session policies, which have to do without them where they leave no room.
 * `first`: where to begin, when another session of the role has shown it just now.
 */
export async function assumeAsAllowed(sts: StsCaller, wish: RoleWish, first?: RoleTrust): Promise<NamedRole> {
  const wanted = wantedOf(wish);
  let [say, ...fewer] = lessAndLess(first ?? wanted);
  let hadRoom = true;
  for (;;) {
    try {
      return { session: await sts.assumeRole(wish, say), trust: saysSomething(wanted) && hadRoom ? say : undefined };
    } catch (error) {
      const lacksRoom = isTooLarge(error) && say.tags;
      if (!isDenied(error) && !lacksRoom) throw error;
      hadRoom &&= !lacksRoom;
      const [next, ...rest] = withoutDenied(fewer, lacksRoom ? 'tags' : deniedAction(error));
      if (next === undefined) throw error;
      say = next;
      fewer = rest;
    }
  }
}

function lessAndLess(wanted: RoleTrust): [RoleTrust, ...RoleTrust[]] {
  const nothing = { tags: false, sourceIdentity: false };
  if (!saysSomething(wanted)) return [nothing];
  if (!wanted.tags || !wanted.sourceIdentity) return [wanted, nothing];
  // Tags name the user as well, and policies can ask for them: of the two they are worth more.
  return [wanted, { tags: true, sourceIdentity: false }, { tags: false, sourceIdentity: true }, nothing];
}

function withoutDenied(choices: readonly RoleTrust[], denied: keyof RoleTrust | undefined): readonly RoleTrust[] {
  return denied === undefined ? choices : choices.filter((choice) => !choice[denied]);
}

export function saysSomething({ tags, sourceIdentity }: RoleTrust): boolean {
  return tags || sourceIdentity;
}

/** A trust policy speaks of whom it trusts: what it allows is true of these keys only. */
export function seenBy({ accessKeyId }: Identity, trust: RoleTrust): SeenTrust {
  return { ...trust, accessKeyId };
}
