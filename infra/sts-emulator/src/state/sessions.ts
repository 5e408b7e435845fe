import { randomBytes } from 'node:crypto';
import { encodeBase32 } from '../base32.ts';
import type { IdentityPolicy } from '../policies/identity-policy.ts';
import type { Role, User } from './accounts.ts';

type SessionBase = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  issuedAt: Date;
  expiresAt: Date;
  durationSeconds: number;
  /** Key that signed the call by which this session was made. */
  issuedTo: string;
  serial?: string;
};

export type UserSession = SessionBase & {
  kind: 'user';
  user: User;
  /** When the code was accepted; undefined for a session made without one. */
  mfaAuthenticatedAt?: Date;
};

export type RoleSession = SessionBase & {
  kind: 'role';
  role: Role;
  /** ARN of the caller that assumed the role. */
  assumedBy: string;
  roleSessionName: string;
  policy?: string;
  policyArns: string[];
  /** What `policy` and `policyArns` say; none leaves the session all that its role may do. */
  sessionPolicies: IdentityPolicy[];
  sourceIdentity?: string;
  tags: Record<string, string>;
  /** Keys of the tags that a session which is assumed from this one inherits. */
  transitiveTagKeys: string[];
};

export type Session = UserSession | RoleSession;

/** Issued sessions by access key id, in memory: a restart of the emulator ends them all. */
export type Sessions = Map<string, Session>;

// Expired sessions stay this long, so that their use is told apart (ExpiredToken) from a key that never was.
const keepExpiredMs = 24 * 3600 * 1000;

/** Makes keys with an honest expiry: whole seconds, as AWS writes them, and refused from that instant on. */
export function newSessionKeys(now: Date, durationSeconds: number) {
  const issuedAt = new Date(Math.floor(now.getTime() / 1000) * 1000);
  return {
    accessKeyId: `ASIA${encodeBase32(randomBytes(10))}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(192).toString('base64'),
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + durationSeconds * 1000),
    durationSeconds,
  };
}

export function storeSession(sessions: Sessions, session: Session, now: Date): void {
  for (const [accessKeyId, { expiresAt }] of sessions) {
    if (expiresAt.getTime() + keepExpiredMs < now.getTime()) sessions.delete(accessKeyId);
  }
  sessions.set(session.accessKeyId, session);
}

export const isExpired = (session: Session, now: Date): boolean => session.expiresAt.getTime() <= now.getTime();

/** ARN of who holds the session, as GetCallerIdentity tells it. */
export function sessionArn(session: Session, accountId: string): string {
  return session.kind === 'user'
    ? session.user.arn
    : `arn:aws:sts::${accountId}:assumed-role/${session.role.name}/${session.roleSessionName}`;
}

/** What may be shown of a session: everything but its secret key and its token. */
export function describeSession(session: Session, accountId: string) {
  const { accessKeyId, issuedAt, expiresAt, durationSeconds, issuedTo, serial } = session;
  const common = {
    kind: session.kind,
    accessKeyId,
    arn: sessionArn(session, accountId),
    issuedAt: issuedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    durationSeconds,
    issuedTo,
    serial: serial ?? null,
  };
  if (session.kind === 'user') {
    return { ...common, mfaAuthenticatedAt: session.mfaAuthenticatedAt?.toISOString() ?? null };
  }
  const { role, assumedBy, roleSessionName, policy, policyArns, sourceIdentity, tags, transitiveTagKeys } = session;
  return {
    ...common,
    roleArn: role.arn,
    assumedBy,
    roleSessionName,
    policy: policy ?? null,
    policyArns,
    sourceIdentity: sourceIdentity ?? null,
    tags,
    transitiveTagKeys,
  };
}
