import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import type { Secret } from '@gatehouse/shared/secret';
import type { RoleTrust, SessionRequest } from '@gatehouse/shared/worker-api';
import { boundAnswers } from './bounded-answers.ts';
import { type Identity, type IssuedSession, toSession } from './session.ts';
import { type AnswerTimes, onEachAnswer } from './sts-clock.ts';

/** One user's way to STS; `close` drops its connections. */
export type StsCaller = {
  getSessionToken(durationSeconds: number, mfa?: Mfa): Promise<IssuedSession>;
  /** `say`: which of the tags and the source identity of the wish go along. */
  assumeRole(wish: RoleWish, say: RoleTrust, mfa?: Mfa): Promise<IssuedSession>;
  /** Who the keys are; undefined when the answer does not say it. */
  getCallerIdentity(): Promise<{ arn: string; account: string } | undefined>;
  close(): void;
};

export type RoleWish = Omit<SessionRequest, 'runId' | 'phase'> & { roleArn: string };

export type Mfa = { serial: string; code: Secret };

/** AWS gives a role that is assumed with a session, not with keys, an hour at most, whatever the role allows. */
export const longestChainedSeconds = 3600;

export function shortened<Wish extends SessionRequest>(wish: Wish): Wish {
  return { ...wish, durationSeconds: Math.min(wish.durationSeconds, longestChainedSeconds) };
}

/**
 * undefined endpoint: AWS's own for the region. `until`: when several calls together are given up. `onAnswer` hears of the
 * time of each answer; `clockAheadMs` is how far our clock is known to be ahead of AWS's, which then is signed by.
 */
export type StsOptions = {
  endpoint: string | undefined;
  region: string;
  until?: AbortSignal;
  onAnswer?: (times: AnswerTimes) => void;
  clockAheadMs?: number;
};

const requestTimeoutMs = 8_000;
const connectTimeoutMs = 3_000;

/**
 * `maxAttempts` is 1 where a code is involved: AWS takes a code once, so a repetition after a lost answer can only be
 * refused, and would spend a try.
 */
export function openSts(options: StsOptions, identity: Identity, maxAttempts: number): StsCaller {
  const client = new STSClient({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    maxAttempts,
    systemClockOffset: -(options.clockAheadMs ?? 0),
    // undici and DNS may hang in ways that the connection timeout does not see; the request timeout bounds all of them.
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      connectionTimeout: connectTimeoutMs,
      throwOnRequestTimeout: true,
    },
    credentials: {
      accessKeyId: identity.accessKeyId,
      secretAccessKey: identity.secretAccessKey.reveal(),
      ...(identity.sessionToken === undefined ? {} : { sessionToken: identity.sessionToken.reveal() }),
    },
  });
  boundAnswers(client);
  if (options.onAnswer) onEachAnswer(client, options.onAnswer);
  const bounded = () => {
    const own = AbortSignal.timeout(requestTimeoutMs * maxAttempts);
    return { abortSignal: options.until === undefined ? own : AbortSignal.any([own, options.until]) };
  };
  const withMfa = (mfa: Mfa | undefined) =>
    mfa === undefined ? {} : { SerialNumber: mfa.serial, TokenCode: mfa.code.reveal() };

  return {
    async getSessionToken(durationSeconds, mfa) {
      const command = new GetSessionTokenCommand({ DurationSeconds: durationSeconds, ...withMfa(mfa) });
      return toSession((await client.send(command, bounded())).Credentials);
    },
    async assumeRole(wish, say, mfa) {
      const command = new AssumeRoleCommand({
        RoleArn: wish.roleArn,
        RoleSessionName: wish.sessionName,
        DurationSeconds: wish.durationSeconds,
        ...(wish.sessionPolicy === undefined ? {} : { Policy: wish.sessionPolicy }),
        ...(wish.policyArns?.length ? { PolicyArns: wish.policyArns.map((arn) => ({ arn })) } : {}),
        ...(say.tags && wish.tags ? { Tags: wish.tags.map(({ key, value }) => ({ Key: key, Value: value })) } : {}),
        ...(say.sourceIdentity && wish.sourceIdentity ? { SourceIdentity: wish.sourceIdentity } : {}),
        ...withMfa(mfa),
      });
      return toSession((await client.send(command, bounded())).Credentials);
    },
    async getCallerIdentity() {
      const { Arn: arn, Account: account } = await client.send(new GetCallerIdentityCommand({}), bounded());
      return arn && account ? { arn, account } : undefined;
    },
    close: () => client.destroy(),
  };
}
