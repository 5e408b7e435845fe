import { z } from 'zod';

/**
 * What a set-up check looks at, in the order in which it is told. `variables` needs no AWS; the others ask it, and change
 * nothing there.
 */
export const checkProbes = ['variables', 'keys', 'clock', 'device', 'role'] as const;
export type CheckProbe = (typeof checkProbes)[number];

export const checkProbeTitles = {
  variables: 'AWS variables',
  keys: 'Access keys',
  clock: 'Clock of the worker',
  device: 'MFA device',
  role: 'Trust policy of the role',
} as const satisfies Record<CheckProbe, string>;

/** `warned`: it works, and could be better. `skipped`: it could not be looked at; why, is told. */
export const checkOutcomes = ['passed', 'warned', 'failed', 'skipped'] as const;
export type CheckOutcome = (typeof checkOutcomes)[number];

type Finding = { probe: CheckProbe; outcome: 'warned' | 'failed'; title: string; advice: string };

/** Everything that a check can find wrong, with what to do about it. */
export const awsFindings = {
  variable_missing: {
    probe: 'variables',
    outcome: 'failed',
    title: 'A variable that MFA needs is missing',
    advice: 'An owner sets it for the organization, in a variable set, or for this environment alone.',
  },
  serial_malformed: {
    probe: 'device',
    outcome: 'failed',
    title: 'The serial number is none of an MFA device',
    advice:
      'It looks like arn:aws:iam::123456789012:mfa/name, or is the number printed on a hardware device. IAM shows it on ' +
      'the page of the user, under "Security credentials". Passkeys cannot be used: AWS takes no code of them.',
  },
  keys_are_session: {
    probe: 'keys',
    outcome: 'failed',
    title: 'The keys are a session, not long-lived keys',
    advice:
      'AWS gives no session with MFA to a session. Enter the access key of an IAM user (it begins with AKIA), and remove ' +
      'AWS_SESSION_TOKEN where it is set.',
  },
  keys_unknown: {
    probe: 'keys',
    outcome: 'failed',
    title: 'AWS does not know this access key',
    advice:
      'It was deleted or switched off, was mistyped, or belongs to another partition of AWS. Look at the access keys of the ' +
      'user in IAM, and enter an active one together with its secret.',
  },
  secret_wrong: {
    probe: 'keys',
    outcome: 'failed',
    title: 'The secret access key does not belong to the access key',
    advice:
      'Enter the two again, as IAM showed them together. AWS shows a secret once only: if it is lost, create a new key.',
  },
  keys_of_root: {
    probe: 'keys',
    outcome: 'warned',
    title: 'The keys are those of the root user',
    advice:
      'AWS advises against access keys of root, and gives their sessions an hour at most. Create an IAM user with a device ' +
      'of its own for this, and delete the keys of root.',
  },
  clock_off: {
    probe: 'clock',
    outcome: 'failed',
    title: "The worker's clock is wrong",
    advice:
      'Have the host of the worker set its clock (chrony, systemd-timesyncd). AWS refuses requests whose time is 15 minutes ' +
      'off, and terraform meets the same.',
  },
  serial_unknown: {
    probe: 'device',
    outcome: 'failed',
    title: 'The MFA device does not belong to these keys',
    advice:
      'Device and access key must be of the same IAM user, and the device switched on. IAM shows its serial number on the ' +
      'page of the user, under "Security credentials".',
  },
  code_refused: {
    probe: 'device',
    outcome: 'failed',
    title: 'AWS did not accept the code',
    advice:
      'Wait for the next one on the device and check again. When each is refused, the clock of the device is wrong, or it ' +
      'shows the codes of another device.',
  },
  role_without_mfa: {
    probe: 'role',
    outcome: 'failed',
    title: 'The role opens without MFA',
    advice:
      'Whoever holds the access key can assume it without a code, past Gatehouse. Let its trust policy demand ' +
      'aws:MultiFactorAuthPresent.',
  },
  role_refused: {
    probe: 'role',
    outcome: 'failed',
    title: 'The role cannot be assumed',
    advice:
      'Let its trust policy name the user of the keys, look whether its ARN is right, and whether a policy of the user, or of ' +
      'the AWS organization, denies sts:AssumeRole.',
  },
  trust_lacks_tags: {
    probe: 'role',
    outcome: 'warned',
    title: 'The role takes no session tags',
    advice: 'Sessions work, but do not name user, run and environment. Let its trust policy allow sts:TagSession.',
  },
  trust_lacks_source_identity: {
    probe: 'role',
    outcome: 'warned',
    title: 'The role takes no source identity',
    advice:
      'Sessions work, but CloudTrail names the person in the name of the session only. Let its trust policy allow ' +
      'sts:SetSourceIdentity.',
  },
  sts_unreachable: {
    probe: 'keys',
    outcome: 'failed',
    title: 'AWS STS did not answer',
    advice: 'Look whether the worker may reach sts.<region>.amazonaws.com at port 443, and check again.',
  },
  sts_refused: {
    probe: 'keys',
    outcome: 'failed',
    title: 'AWS STS refused to answer',
    advice: 'What AWS said tells why. Where it is throttling, wait a minute and check again.',
  },
} as const satisfies Record<string, Finding>;

export type AwsFinding = keyof typeof awsFindings;
export const awsFindingCodes = z.enum(
  // Object.keys of a record cannot promise a tuple of its keys; the record is never empty.
  Object.keys(awsFindings) as [AwsFinding, ...AwsFinding[]],
);

/** What one probe came to. A probe may tell of several things, each a result of its own. */
export const checkResult = z.strictObject({
  probe: z.enum(checkProbes),
  outcome: z.enum(checkOutcomes),
  /** Null: nothing is wrong, or it could not be looked at. */
  finding: awsFindingCodes.nullable(),
  /** What was seen, and what to do; never a secret. */
  detail: z.string().max(4000),
});
export type CheckResult = z.infer<typeof checkResult>;

/** `seen`: what this check saw of it, in sentences; the advice of the list follows. `probe`: where another met it. */
export function found(
  finding: AwsFinding,
  seen = '',
  more: { probe?: CheckProbe; outcome?: 'warned' | 'failed' } = {},
): CheckResult {
  const { probe, outcome, advice } = awsFindings[finding];
  return { probe, outcome, ...more, finding, detail: seen === '' ? advice : `${seen} ${advice}` };
}

export function passed(probe: CheckProbe, detail: string): CheckResult {
  return { probe, outcome: 'passed', finding: null, detail };
}

export function skipped(probe: CheckProbe, detail: string): CheckResult {
  return { probe, outcome: 'skipped', finding: null, detail };
}

export function titleOf({ finding, probe }: Pick<CheckResult, 'finding' | 'probe'>): string {
  return finding === null ? checkProbeTitles[probe] : awsFindings[finding].title;
}
