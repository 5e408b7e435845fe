import { STSServiceException } from '@aws-sdk/client-sts';
import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { isGatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { RoleTrust } from '@gatehouse/shared/worker-api';

/** Why STS gave no session: our word, and AWS's own words for the fold "What AWS said". */
export type Rejection = { rejection: MfaRejection; awsMessage?: string; awsRequestId?: string };

type Rule = { code: RegExp; message?: RegExp; rejection: MfaRejection };

const clockRule = { code: /^(SignatureDoesNotMatch|RequestExpired)/, message: /expired|not yet current/i };

/**
 * AWS's error codes and messages → our word; the first rule that fits. AWS answers AccessDenied for nearly all, so that
 * the message decides. It uses the same words for a wrong code and a used one: which it was, the api knows.
 */
const rules: readonly Rule[] = [
  { code: /^AccessDenied/, message: /invalid MFA one time pass code/i, rejection: 'mfa_rejected' },
  { code: /^AccessDenied/, message: /verify your MFA serial number/i, rejection: 'mfa_serial_unknown' },
  { code: /^ValidationError/, message: /serialNumber/i, rejection: 'mfa_serial_unknown' },
  { code: /^ValidationError/, message: /tokenCode/i, rejection: 'mfa_rejected' },
  {
    code: /^ValidationError/,
    message: /MaxSessionDuration|hour session limit|durationSeconds.*less than/i,
    rejection: 'session_too_long',
  },
  { code: /^(MalformedPolicyDocument|PackedPolicyTooLarge|NoSuchEntity)/, rejection: 'session_policy_refused' },
  { code: /^ValidationError/, message: /polic(y|ies)/i, rejection: 'session_policy_refused' },
  // The clock of one side is wrong: the keys may be right.
  { ...clockRule, rejection: 'sts_denied' },
  {
    code: /^(InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|UnrecognizedClient|AuthFailure)/,
    rejection: 'aws_keys_invalid',
  },
  { code: /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|RateExceeded/, rejection: 'sts_throttled' },
  {
    code: /^(InternalFailure|InternalError|ServiceUnavailable|ServiceFailure|IDPCommunicationError)/,
    rejection: 'sts_unreachable',
  },
];

const longestMessage = 1000;

/** `secrets` are taken out of AWS's words, which should not hold them anyway. */
export function rejectionOf(error: unknown, secrets: readonly Secret[]): Rejection {
  // Our own words on an answer that cannot be used.
  if (isGatehouseError(error)) return { rejection: 'sts_unreachable', awsMessage: error.message };
  if (!(error instanceof STSServiceException)) {
    // No answer, a timeout, or one that is not STS's: its text may be anything, so only the kind is told.
    return { rejection: 'sts_unreachable', awsMessage: `No usable answer from STS (${kindOf(error)}).` };
  }
  const { name, message, $metadata } = error;
  const rule = rules.find((entry) => entry.code.test(name) && (entry.message?.test(message) ?? true));
  const serverFailed = ($metadata.httpStatusCode ?? 0) >= 500;
  const isAnswer = $metadata.httpStatusCode !== undefined && $metadata.requestId !== undefined;
  const rejection = rule?.rejection ?? (serverFailed || !isAnswer ? 'sts_unreachable' : 'sts_denied');
  return {
    rejection,
    awsMessage: withoutSecrets(`${name}: ${message}`, secrets).slice(0, longestMessage),
    ...($metadata.requestId === undefined ? {} : { awsRequestId: $metadata.requestId.slice(0, 200) }),
  };
}

/** AWS refused the time of the call, and looked no further. */
export function isClockRefusal(error: unknown): boolean {
  return (
    error instanceof STSServiceException && clockRule.code.test(error.name) && clockRule.message.test(error.message)
  );
}

/** AWS understood the call and does not allow it. */
export function isDenied(error: unknown): boolean {
  return error instanceof STSServiceException && /^AccessDenied/.test(error.name);
}

/** The session policies and tags of the call are more than AWS packs into a session. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof STSServiceException && /^PackedPolicyTooLarge/.test(error.name);
}

/** What of a session the denial names as not allowed; undefined when it names neither. */
export function deniedAction(error: unknown): keyof RoleTrust | undefined {
  const action = error instanceof Error ? /not authorized to perform: sts:(\w+)/.exec(error.message)?.[1] : undefined;
  if (action === 'TagSession') return 'tags';
  return action === 'SetSourceIdentity' ? 'sourceIdentity' : undefined;
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function withoutSecrets(text: string, secrets: readonly Secret[]): string {
  return secrets.reduce((rest, secret) => {
    const value = secret.reveal();
    return value === '' ? rest : rest.replaceAll(value, '[secret]');
  }, text);
}
