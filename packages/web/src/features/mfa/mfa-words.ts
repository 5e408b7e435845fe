import type { ErrorCode, MfaRejection } from '@gatehouse/shared/error-codes';
import type { DeviceOwner } from '../../api-client/mfa.ts';

/** Title: what is. Body: why, and what to do. */
export type Words = { title: string; body: string };

/** What is known of the run and of the try when words are needed; what is not known is left out of the sentence. */
export type MfaFacts = {
  /** Owners of the organization, who can change its variables. */
  owners?: readonly string[];
  /** The last four characters of the access key. */
  keyTail?: string;
  /** `14:32`, in the reader's zone: until when the run waits. */
  until?: string;
  /** `extend`: terraform runs, and goes on until then. */
  purpose?: 'start' | 'extend';
  /** Whose keys and device were to answer. */
  device?: DeviceOwner;
  /** Of a spent code: who used it, for which environment, and seconds until the next one. */
  spent?: { by: string; environment: string; newInSeconds: number };
  /** Of a run that waits no more. */
  endedBy?: string;
  /** Digits that were typed. */
  digits?: number;
};

/** What a submitted code can be answered with, or the page itself can find wrong with it. */
export type CodeProblem =
  | MfaRejection
  | Extract<
      ErrorCode,
      | 'mfa_code_invalid_format'
      | 'mfa_not_awaited'
      | 'mfa_exchange_in_progress'
      | 'mfa_too_many_attempts'
      | 'mfa_deadline_passed'
      | 'too_many_requests'
      | 'forbidden'
    >;

type Sentence = (facts: MfaFacts) => Words;

const until = (facts: MfaFacts) => (facts.until === undefined ? '' : ` until ${facts.until}`);
/** What becomes of the phase when no code comes any more. */
const afterTheLast = (facts: MfaFacts) =>
  facts.purpose === 'extend'
    ? `The session is not extended: terraform is interrupted${facts.until === undefined ? '' : ` at ${facts.until}`}, and what is done is saved.`
    : 'Nothing of this phase ran.';
const waiting = (facts: MfaFacts) =>
  facts.purpose === 'extend' ? `terraform goes on${until(facts)}` : `the run waits${until(facts)}`;

const ownerOf = (facts: MfaFacts) =>
  facts.owners === undefined || facts.owners.length === 0 ? 'An organization owner' : facts.owners.join(' or ');

const rejections = {
  mfa_rejected: () => ({
    title: 'AWS did not accept this code',
    body: 'Type the code that the device shows now. A code counts once, also when it was used in the AWS console. Two fresh codes refused? The device’s clock may be off: resynchronize it in IAM.',
  }),
  mfa_code_already_used: ({ spent }) => ({
    title: 'This code is spent',
    body:
      spent === undefined
        ? 'AWS takes each code once, and this one was used. Type the next one.'
        : `${spent.by} used it for ${spent.environment}. AWS takes each code once. A new one comes in ${spent.newInSeconds} s.`,
  }),
  mfa_serial_unknown: (facts) => ({
    title: 'AWS does not know this MFA device',
    body:
      facts.device === 'own'
        ? 'The device of your AWS identity must belong to the same IAM user as its keys. Replace the identity on your account page.'
        : `AWS_MFA_SERIAL_NUMBER must belong to the same IAM user as the keys. ${ownerOf(facts)} can change it in Organization variables.`,
  }),
  aws_keys_invalid: (facts) => ({
    title: 'AWS does not know these access keys',
    body: `The code was not the problem. ${facts.keyTail === undefined ? 'The key' : `Key …${facts.keyTail}`} was refused. ${facts.device === 'own' ? 'Replace your AWS identity on your account page' : `${ownerOf(facts)} can replace it`}; ${waiting(facts)}.`,
  }),
  sts_denied: () => ({
    title: 'AWS refused the session',
    body: 'A policy does not allow these keys to ask for it, the role does not trust them, or the clock of the worker is wrong; what AWS said tells which. Show this to whoever owns the role or the worker. Use the next code after that.',
  }),
  session_too_long: () => ({
    title: 'AWS gives no session as long as this',
    body: 'The role allows less. An owner can shorten the session in the settings of this environment, or say there how long the role allows. No try was used.',
  }),
  session_policy_refused: () => ({
    title: 'AWS does not take the session policies of the plan',
    body: 'One is malformed, does not exist, or they are too large together. An owner can correct them in the settings of this environment. No try was used.',
  }),
  sts_throttled: () => ({
    title: 'AWS STS is throttling',
    body: 'Too many requests reached AWS at once. Wait a moment and type the next code.',
  }),
  sts_unreachable: () => ({
    title: 'AWS STS did not answer',
    body: 'Try again; if this code is refused, take the next one.',
  }),
  mfa_code_lost: () => ({
    title: 'The code got lost on the way',
    body: 'A part of Gatehouse restarted while checking. Type the code that the device shows now.',
  }),
  aws_identity_gone: () => ({
    title: 'The AWS keys of this device are gone',
    body: 'They were removed or replaced before the code reached AWS. Type a code of the device that is registered now.',
  }),
} as const satisfies Record<MfaRejection, Sentence>;

const sentences = {
  ...rejections,
  mfa_code_invalid_format: ({ digits }) => ({
    title: 'A code has six digits',
    body: `${digits === undefined ? 'This was something else.' : `This has ${digits}.`} Type the six digits on the device.`,
  }),
  mfa_not_awaited: ({ endedBy }) => ({
    title: 'This run no longer waits for a code',
    body: `${endedBy === undefined ? 'It went on, or was canceled.' : `${endedBy} was first.`} Your digits were not sent to AWS.`,
  }),
  mfa_exchange_in_progress: () => ({
    title: 'Another code is being checked',
    body: 'Somebody sent one just before. Your digits were not sent to AWS; the outcome appears here.',
  }),
  mfa_too_many_attempts: (facts) => ({
    title: 'No tries left',
    body: `Too many codes were refused${facts.purpose === 'extend' ? '' : ', so the run ended as errored'}. ${afterTheLast(facts)}`,
  }),
  mfa_deadline_passed: (facts) => ({
    title: 'No code came in time',
    body: `${facts.until === undefined ? 'The deadline has passed.' : `The deadline was ${facts.until}.`} ${afterTheLast(facts)}`,
  }),
  too_many_requests: () => ({
    title: 'Too many codes in a short time',
    body: 'Your digits were not sent to AWS. Wait a minute, then type the code that the device shows.',
  }),
  forbidden: () => ({
    title: 'You may not release this run',
    body: 'Your digits were not sent to AWS. A member of the organization can do it.',
  }),
} as const satisfies Record<CodeProblem, Sentence>;

export function wordsOfProblem(problem: CodeProblem, facts: MfaFacts = {}): Words {
  const sentence: Sentence = sentences[problem];
  return sentence(facts);
}

export function isCodeProblem(code: string): code is CodeProblem {
  return Object.hasOwn(sentences, code);
}

/** W1, beside the level in the settings (M3). */
export const levelWarning: Words = {
  title: 'The code is the confirmation.',
  body: 'Submitting a code for an apply starts changes to active infrastructure without a further confirmation. Whoever may apply here and holds the MFA device can do it. Know what this means for your infrastructure before you save.',
};

/** W3, beside the field of a plan. */
export const planConsent: Words = {
  title: 'A code starts this plan',
  body: 'A plan reads AWS and changes nothing; the apply asks again.',
};

/** W2, beside the field of an apply. `counts` as in "3 added, 2 changed"; empty when the plan is not known yet. */
export function applyConsent(counts: string): Words {
  const what = counts === '' ? '' : `: ${counts}`;
  return {
    title: 'The code is the confirmation',
    body: `Pressing Authenticate starts changes to active infrastructure${what}. No further confirmation follows.`,
  };
}

/** W-miss: the variable that a run needs is not set (M2). */
export function variableMissing(variable: string, level: string, organization: string, environment: string): Words {
  return {
    title: `This run needs ${variable}`,
    body: `The level here is “${level}” and the variable is set neither for ${organization} nor for ${environment}. Set it, then queue again.`,
  };
}
