import type { SeenTrust, SessionRequest } from '@gatehouse/shared/worker-api';
import { assumeAsAllowed, seenBy } from './named-role.ts';
import type { Identity, Session } from './session.ts';
import { openSts, type StsOptions, shortened } from './sts-client.ts';
import { type Rejection, rejectionOf } from './sts-rejections.ts';

/** Nothing is spent by a repetition. */
const tries = 3;

/**
 * A session for a phase that needs no code, so that terraform never sees the long-lived keys. Keys that come with a
 * session token are a session already, which GetSessionToken would refuse: they are served as they are, or assume the role.
 */
export async function sessionWithoutCode(
  options: StsOptions,
  identity: Identity,
  wish: SessionRequest,
): Promise<{ session: Session; trust?: SeenTrust } | Rejection> {
  if (identity.sessionToken !== undefined && wish.roleArn === undefined) {
    return { session: { ...identity, expiresAt: undefined } };
  }
  const sts = openSts(options, identity, tries);
  try {
    if (wish.roleArn === undefined) return { session: await sts.getSessionToken(wish.durationSeconds) };
    const roleWish = { ...wish, roleArn: wish.roleArn };
    const asked = identity.sessionToken === undefined ? roleWish : shortened(roleWish);
    const { session, trust } = await assumeAsAllowed(sts, asked);
    return { session, ...(trust === undefined ? {} : { trust: seenBy(identity, trust) }) };
  } catch (error) {
    const { secretAccessKey, sessionToken } = identity;
    return rejectionOf(error, sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken]);
  } finally {
    sts.close();
  }
}
