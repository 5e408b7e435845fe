import type { RoleTrust, SeenTrust, SessionRequest } from '@gatehouse/shared/worker-api';
import { assumeAsAllowed, saysSomething, seenBy, wantedOf } from './named-role.ts';
import type { Identity, IssuedSession } from './session.ts';
import { longestChainedSeconds, type Mfa, openSts, type StsCaller, type StsOptions, shortened } from './sts-client.ts';
import { type Rejection, rejectionOf } from './sts-rejections.ts';

export type Exchanged = { session: IssuedSession; trust?: SeenTrust } | Rejection;

/** The shortest session that AWS gives; enough to assume roles with at once. */
const shortestSessionSeconds = 900;
/** The api's request waits 10 s for the whole exchange, however many calls it takes. */
const exchangeTimeoutMs = 9_000;

/**
 * Spends one code: one call of STS bears it, never a second. Where that call can be the one that gives the session, it
 * is. Else (several wishes, or a role of which is not known what it lets be said of a session, or whether a policy leaves
 * room for that) the code buys one GetSessionToken; wishes without a role share it, roles are assumed with it, and may
 * refuse without costing a code.
 * Answers in the order of `wishes`.
 */
export async function exchangeCode(
  options: StsOptions,
  identity: Identity,
  mfa: Mfa,
  wishes: readonly SessionRequest[],
): Promise<Exchanged[]> {
  const bounded = { ...options, until: options.until ?? AbortSignal.timeout(exchangeTimeoutMs) };
  const sts = openSts(bounded, identity, 1);
  const secrets = [mfa.code, identity.secretAccessKey, ...(identity.sessionToken ? [identity.sessionToken] : [])];
  try {
    const [only] = wishes;
    if (wishes.length === 1 && only !== undefined && asksDirectly(identity, only)) {
      return [await askDirectly(sts, identity, only, mfa)];
    }
    const shared = await sts.getSessionToken(sharedDuration(wishes), mfa);
    return await sharePerWish(bounded, identity, shared, wishes);
  } catch (error) {
    return wishes.map(() => rejectionOf(error, secrets));
  } finally {
    sts.close();
  }
}

/** Whether the call that bears the code asks for the session itself. */
function asksDirectly(identity: Identity, wish: SessionRequest): boolean {
  const wanted = wantedOf(wish);
  if (wish.roleArn === undefined || !saysSomething(wanted)) return true;
  const known = knownSafe(wish);
  const losesNothing = known.tags === wanted.tags && known.sourceIdentity === wanted.sourceIdentity;
  // GetSessionToken refuses keys that are a session already; and what it gives assumes no role for longer than an hour.
  return losesNothing || identity.sessionToken !== undefined || wish.durationSeconds > longestChainedSeconds;
}

async function askDirectly(sts: StsCaller, identity: Identity, wish: SessionRequest, mfa: Mfa): Promise<Exchanged> {
  const { roleArn } = wish;
  if (roleArn === undefined) return { session: await sts.getSessionToken(wish.durationSeconds, mfa) };
  const roleWish = { ...wish, roleArn };
  const asked = identity.sessionToken === undefined ? roleWish : shortened(roleWish);
  const say = knownSafe(wish);
  const session = await sts.assumeRole(asked, say, mfa);
  // What was left out was not tried, so that nothing is to be said of it.
  return { session, ...(say.tags && say.sourceIdentity ? { trust: seenBy(identity, say) } : {}) };
}

/**
 * A refusal would spend the code, so that nothing is said which the role is not known to allow; and no tags beside an
 * inline policy, with which they share a room whose size AWS does not tell.
 */
function knownSafe(wish: SessionRequest): RoleTrust {
  const wanted = wantedOf(wish);
  return {
    tags: wanted.tags && wish.trust?.tags === true && wish.sessionPolicy === undefined,
    sourceIdentity: wanted.sourceIdentity && wish.trust?.sourceIdentity === true,
  };
}

async function sharePerWish(
  options: StsOptions,
  identity: Identity,
  shared: IssuedSession,
  wishes: readonly SessionRequest[],
): Promise<Exchanged[]> {
  const sts = openSts(options, shared, 1);
  /** What the first wish of a role finds out spares the others the refusals. */
  const found = new Map<string, Promise<RoleTrust | undefined>>();
  async function assume(wish: SessionRequest & { roleArn: string }): Promise<Exchanged> {
    const first = found.get(wish.roleArn);
    const opening = Promise.resolve(first).then((trust) => assumeAsAllowed(sts, shortened(wish), trust));
    if (first === undefined) {
      const trust = opening.then(
        (opened) => opened.trust,
        () => undefined,
      );
      found.set(wish.roleArn, trust);
    }
    const { session, trust } = await opening;
    return { session, ...(trust === undefined ? {} : { trust: seenBy(identity, trust) }) };
  }
  try {
    return await Promise.all(
      wishes.map(async (wish) => {
        if (wish.roleArn === undefined) return { session: shared };
        try {
          return await assume({ ...wish, roleArn: wish.roleArn });
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
