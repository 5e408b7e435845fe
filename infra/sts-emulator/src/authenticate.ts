import { timingSafeEqual } from 'node:crypto';
import { type Authorization, readAuthorization, verifySignature, type WireRequest } from './signature.ts';
import { type Account, findAccessKey, type User } from './state/accounts.ts';
import { isExpired, type Session, type Sessions, sessionArn } from './state/sessions.ts';
import { expiredToken, invalidClientToken } from './sts-error.ts';

/** Who makes a call: a user with long-lived keys, or the holder of a session. */
export type Caller = { arn: string; accessKeyId: string } & (
  | { kind: 'keys'; user: User }
  | { kind: 'session'; session: Session }
);

export type AuthenticationInput = {
  account: Account;
  sessions: Sessions;
  /** Name of the service that is called; the signature must be scoped to it. */
  service: string;
  now: Date;
  /** The clock by which signatures are judged: `now`, unless a fault puts it wrong. */
  signatureClock: Date;
};

/** Finds the key, checks its token and signature; throws AWS's error for whatever is wrong. */
export async function authenticate(request: WireRequest, input: AuthenticationInput): Promise<Caller> {
  const authorization = readAuthorization(request);
  const token = request.headers['x-amz-security-token'];
  const session = input.sessions.get(authorization.accessKeyId);
  return session === undefined
    ? authenticateUser(request, authorization, token, input)
    : authenticateSession(request, authorization, token, session, input);
}

async function authenticateUser(
  request: WireRequest,
  authorization: Authorization,
  token: string | undefined,
  { account, service, signatureClock }: AuthenticationInput,
): Promise<Caller> {
  const found = findAccessKey(account, authorization.accessKeyId);
  if (found === undefined) throw invalidClientToken('key_unknown');
  if (!found.key.active) throw invalidClientToken('key_inactive');
  if (token !== undefined) throw invalidClientToken('token_wrong');
  await verifySignature(
    request,
    authorization,
    { secretAccessKey: found.key.secretAccessKey, service },
    signatureClock,
  );
  return { kind: 'keys', user: found.user, arn: found.user.arn, accessKeyId: authorization.accessKeyId };
}

async function authenticateSession(
  request: WireRequest,
  authorization: Authorization,
  token: string | undefined,
  session: Session,
  { account, service, now, signatureClock }: AuthenticationInput,
): Promise<Caller> {
  if (!sameToken(token, session.sessionToken)) throw invalidClientToken('token_wrong');
  await verifySignature(request, authorization, { secretAccessKey: session.secretAccessKey, service }, signatureClock);
  if (isExpired(session, now)) throw expiredToken();
  return {
    kind: 'session',
    session,
    arn: sessionArn(session, account.accountId),
    accessKeyId: authorization.accessKeyId,
  };
}

function sameToken(given: string | undefined, expected: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
