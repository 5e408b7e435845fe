import type { SessionRequest } from '@gatehouse/shared/worker-api';
import type { Identity, IssuedSession } from './session.ts';
import { type Mfa, openSts, type StsCaller, type StsOptions, shortened } from './sts-client.ts';
import { type Rejection, rejectionOf } from './sts-rejections.ts';

export type Exchanged = { session: IssuedSession } | Rejection;

/** The shortest session that AWS gives; enough to assume roles with at once. */
const shortestSessionSeconds = 900;

/**
 * Spends one code: one call of STS with it, never a second. One wish is asked for directly. For several, the code buys
 * one GetSessionToken; wishes without a role share it, the others are assumed with it. Answers in the order of `wishes`.
 */
export async function exchangeCode(
  options: StsOptions,
  identity: Identity,
  mfa: Mfa,
  wishes: readonly SessionRequest[],
): Promise<Exchanged[]> {
  const sts = openSts(options, identity, 1);
  const secrets = [mfa.code, identity.secretAccessKey];
  try {
    const [only] = wishes;
    if (wishes.length === 1 && only !== undefined) return [{ session: await askDirectly(sts, only, mfa) }];
    const shared = await sts.getSessionToken(sharedDuration(wishes), mfa);
    return await sharePerWish(options, shared, wishes);
  } catch (error) {
    return wishes.map(() => rejectionOf(error, secrets));
  } finally {
    sts.close();
  }
}

function askDirectly(sts: StsCaller, wish: SessionRequest, mfa: Mfa): Promise<IssuedSession> {
  if (wish.roleArn === undefined) return sts.getSessionToken(wish.durationSeconds, mfa);
  return sts.assumeRole({ ...wish, roleArn: wish.roleArn }, mfa);
}

async function sharePerWish(
  options: StsOptions,
  shared: IssuedSession,
  wishes: readonly SessionRequest[],
): Promise<Exchanged[]> {
  const sts = openSts(options, shared, 1);
  try {
    return await Promise.all(
      wishes.map(async (wish) => {
        if (wish.roleArn === undefined) return { session: shared };
        try {
          return { session: await sts.assumeRole(shortened({ ...wish, roleArn: wish.roleArn })) };
        } catch (error) {
          return rejectionOf(error, [shared.secretAccessKey, shared.sessionToken]);
        }
      }),
    );
  } finally {
    sts.close();
  }
}

/** The shortest of those that share it: no run gets a longer session than its workspace allows. */
function sharedDuration(wishes: readonly SessionRequest[]): number {
  const sharing = wishes.filter((wish) => wish.roleArn === undefined).map((wish) => wish.durationSeconds);
  return sharing.length === 0 ? shortestSessionSeconds : Math.min(...sharing);
}
