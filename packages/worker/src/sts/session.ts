import type { Credentials } from '@aws-sdk/client-sts';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { Secret } from '@gatehouse/shared/secret';
import { type AwsIdentity, awsIdentity } from '@gatehouse/shared/worker-api';

/** Credentials that terraform may have. */
export type Session = {
  accessKeyId: string;
  secretAccessKey: Secret;
  sessionToken: Secret | undefined;
  /** undefined: somebody else's session token, whose end is not known. */
  expiresAt: Date | undefined;
};

/** What STS gave; its end is always known. */
export type IssuedSession = Session & { sessionToken: Secret; expiresAt: Date };

/** The long-lived keys, in memory only as long as a call needs them. */
export type Identity = { accessKeyId: string; secretAccessKey: Secret; sessionToken: Secret | undefined };

export function parseIdentity(unsealed: string): Identity {
  const parsed: AwsIdentity = awsIdentity.parse(JSON.parse(unsealed));
  return {
    accessKeyId: parsed.accessKeyId,
    secretAccessKey: new Secret(parsed.secretAccessKey),
    sessionToken: parsed.sessionToken === undefined ? undefined : new Secret(parsed.sessionToken),
  };
}

export function toSession(credentials: Credentials | undefined): IssuedSession {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration || Number.isNaN(Expiration.getTime())) {
    throw new GatehouseError('sts_unreachable', 'The answer of STS holds no whole set of credentials.');
  }
  // Nobody could use it: whoever gave the code is told now, not by a phase that finds no session.
  if (Expiration.getTime() <= Date.now()) {
    throw new GatehouseError(
      'sts_unreachable',
      `The session that STS gave ended at ${Expiration.toISOString()} already, by this worker's clock.`,
    );
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
    expiresAt: Expiration,
  };
}
