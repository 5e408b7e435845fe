import type { MfaRejection } from '@gatehouse/shared/error-codes';
import { tokenCodeStepSeconds } from '@gatehouse/shared/mfa-level';
import type { Phase } from '@gatehouse/shared/run-status';
import { maskedArn } from './aws-names.ts';

/** An ARN of a virtual or security-key device, or the serial number of a hardware device (STS API: SerialNumber). */
const deviceArn = /^arn:aws[a-z-]*:iam::\d{12}:mfa\/[\w+=/,.@-]+$/;
// Hardware serials are printed on the device, such as GAHT12345678.
const hardwareSerial = /^[A-Za-z0-9]{9,32}$/;

export function looksLikeMfaSerial(serial: string): boolean {
  return deviceArn.test(serial) || hardwareSerial.test(serial);
}

/** The device as it is shown: the account's number is masked but for its last four digits. Empty: members' own only. */
export function maskedSerial(serial: string): string {
  if (serial === '') return 'your own MFA device';
  if (deviceArn.test(serial)) return serial.replace(/:\d{8}(\d{4}):/, ':********$1:');
  return serial.length <= 4 ? '****' : `****${serial.slice(-4)}`;
}

/** The device in a few characters, for a label: `…4821:mfa/ops-alice`. */
export function deviceLabel(serial: string): string {
  if (serial === '') return "a member's own MFA device";
  if (deviceArn.test(serial)) return serial.replace(/^arn:[^:]*:iam::\d{8}/, '…');
  return serial.length <= 4 ? '…' : `…${serial.slice(-4)}`;
}

/** Until when every code of the half minute in which a code was accepted is spent: AWS takes one of each step. */
export function codeSpentUntil(spentAt: Date): Date {
  const stepMs = tokenCodeStepSeconds * 1000;
  return new Date((Math.floor(spentAt.getTime() / stepMs) + 1) * stepMs);
}

/** Why a code was not taken, in words that a person can act on. */
const rejectionSentences = {
  mfa_rejected: 'AWS did not accept this code. Wait for the next one on your device and enter that.',
  mfa_code_already_used: 'AWS takes each code once, and this one was used. Wait for the next one on your device.',
  mfa_serial_unknown:
    'AWS does not know the device in AWS_MFA_SERIAL_NUMBER for these keys. Ask an organization owner to correct it.',
  aws_keys_invalid:
    'AWS does not know AWS_ACCESS_KEY_ID, or AWS_SECRET_ACCESS_KEY does not belong to it. Ask an organization owner to correct them.',
  sts_denied:
    'AWS refused the session: the keys may not ask for it, the role does not trust them, or the clock of the worker is ' +
    'wrong; what AWS said tells which.',
  session_too_long:
    'AWS gives no session as long as this workspace asks for. An organization owner shortens session-duration-seconds, ' +
    'sets role-max-session-seconds to what the role allows (IAM: MaxSessionDuration), or raises that in IAM.',
  session_policy_refused:
    'AWS does not take the session policies of the plan: one is malformed, does not exist, or they are too large together. ' +
    'An organization owner corrects plan-session-policy or plan-policy-arns.',
  sts_throttled: 'AWS STS is throttling. Wait a moment and enter the next code.',
  sts_unreachable: 'AWS STS did not answer. Enter the next code when it can be reached.',
  mfa_code_lost: 'The code got lost before it reached AWS. Enter the next one.',
  aws_identity_gone:
    'The AWS keys of the device that showed this code were removed or replaced before it reached AWS. Enter a code of a ' +
    'device that is registered now.',
} as const satisfies Record<MfaRejection, string>;

/** Where the device and the keys are a member's own, it is she who can act. */
const ownSentences: Partial<Record<MfaRejection, string>> = {
  mfa_serial_unknown:
    'AWS does not know this MFA device for the AWS keys that are registered with it. Register them again on your account page.',
  aws_keys_invalid:
    'AWS does not know the AWS keys that are registered with this MFA device. Register them again on your account page.',
};

type Identity = { awsIdentityId: string | null };

function sentenceOf(rejection: MfaRejection, { awsIdentityId }: Identity): string {
  return (awsIdentityId === null ? undefined : ownSentences[rejection]) ?? rejectionSentences[rejection];
}

/** The sentence, then what is left: `triesLeft` and until when. Times are UTC. */
export function rejectionMessage(
  rejection: MfaRejection,
  left: { triesLeft: number; deadlineAt: Date | null } & Identity,
): string {
  const until = left.deadlineAt === null ? '' : ` until ${clockTime(left.deadlineAt)}`;
  return `${sentenceOf(rejection, left)} ${countOf(left.triesLeft)} left${until}.`;
}

/** For the log of the phase, which a terminal shows. */
export function rejectionLine(rejection: MfaRejection, by: string, left: { triesLeft: number } & Identity): string {
  return `Code of \`${by}\` refused. ${sentenceOf(rejection, left)} ${countOf(left.triesLeft)} left.`;
}

export function awaitingLines(wait: {
  phase: Phase;
  /** Whose code it is, as `awaitedDevice` says. */
  device: string;
  /** The run's page. */
  url: string;
  /** Where a script sends the code. */
  authenticateUrl: string;
  deadlineAt: Date;
  /** What else is to be known before a code is given. */
  notice?: string | undefined;
}): readonly string[] {
  return [
    `AWS MFA required before the ${wait.phase} may start.`,
    ...(wait.notice === undefined ? [] : [wait.notice]),
    `Enter a code of ${wait.device} at`,
    `  ${wait.url}`,
    'or send {"token-code": "123456"} with an API token to',
    `  ${wait.authenticateUrl}`,
    `Waiting until ${clockTime(wait.deadlineAt)}.`,
  ];
}

/**
 * When a wait is told of next, where it was due at `due`: on the same beat, past what was missed while nobody looked; null
 * when it will be over by then.
 */
export function nextReminder(wait: { due: Date; now: Date; deadlineAt: Date; everyMs: number }): Date | null {
  const missed = Math.floor((wait.now.getTime() - wait.due.getTime()) / wait.everyMs);
  const next = new Date(wait.due.getTime() + (missed + 1) * wait.everyMs);
  return next < wait.deadlineAt ? next : null;
}

/** Said in the log every few minutes, so that a terminal in which nothing else happens is seen to live. */
export function stillAwaitingLine(wait: { device: string; deadlineAt: Date; now: Date }): string {
  const minutes = Math.max(1, Math.round((wait.deadlineAt.getTime() - wait.now.getTime()) / 60_000));
  const left = minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return `Still waiting for a code of ${wait.device}: ${left} left.`;
}

/** M7: these words stand in the log and on the page. */
export function authenticatedLine(username: string): string {
  return `Authenticated with MFA by \`${username}\``;
}

/** After that line: whose keys and which device it was, as CloudTrail shows them. `arn`: of a member's own keys. */
export function identityLine(identity: { serial: string; arn: string | undefined; owner: string }): string {
  const { serial, arn, owner } = identity;
  const who = arn === undefined ? '' : `${maskedArn(arn)}, `;
  return `AWS identity: ${who}device ${deviceLabel(serial)} (${owner})`;
}

export function runUrl(publicUrl: string, run: { organization: string; workspace: string; id: string }): string {
  return `${publicUrl}/app/${encodeURIComponent(run.organization)}/${encodeURIComponent(run.workspace)}/runs/${run.id}`;
}

export function authenticateUrl(publicUrl: string, runId: string): string {
  return `${publicUrl}/api/v2/runs/${runId}/actions/authenticate`;
}

function countOf(tries: number): string {
  return tries === 1 ? '1 try is' : `${tries} tries are`;
}

export function clockTime(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
