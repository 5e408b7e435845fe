import { type EndReason, endReasons } from '@gatehouse/shared/end-reasons';
import { type MfaLevel, needsMfa } from '@gatehouse/shared/mfa-level';
import type { RunStatus } from '@gatehouse/shared/run-status';

/** Colour family of a badge. Only `need` is filled: a page without it needs nobody. */
export type BadgeFamily = 'need' | 'run' | 'ok' | 'bad' | 'idle';

export const badgeIconNames = [
  'hourglass',
  'lock',
  'lock-cog',
  'lock-x',
  'stack',
  'list-search',
  'file-diff',
  'bolt',
  'circle-check',
  'equal',
  'octagon',
  'plug-x',
  'clock-x',
  'lock-minus',
  'trash-x',
  'ban',
] as const;
export type BadgeIconName = (typeof badgeIconNames)[number];

export type Badge = { words: string; icon: BadgeIconName; family: BadgeFamily; why: string };

export type BadgeFacts = {
  status: RunStatus;
  level: MfaLevel;
  /** Of the code that is awaited: whether one is being checked, or was refused last. */
  challenge?: 'awaiting' | 'exchanging' | 'refused';
  /** The phase runs, and the code would give it a longer session. */
  isExtending?: boolean;
  /** Why it ended. */
  reason?: EndReason | undefined;
  /** The run that holds the environment. */
  behind?: string | undefined;
};

/** What the badge says of a wait for a code. */
export function challengeOf(
  mfa: { state: string; lastError: unknown } | undefined,
): 'awaiting' | 'exchanging' | 'refused' {
  if (mfa?.state === 'exchanging') return 'exchanging';
  return mfa?.state === 'awaiting' && mfa.lastError !== undefined ? 'refused' : 'awaiting';
}

/** A status in words, with the sentence why. */
export function badgeOf(facts: BadgeFacts): Badge {
  return badges[facts.status](facts);
}

const badges: Record<RunStatus, (facts: BadgeFacts) => Badge> = {
  pending: ({ behind }) =>
    behind === undefined
      ? badge('Pending', 'hourglass', 'idle', 'The environment is locked, or another run holds it.')
      : badge(`Behind ${behind}`, 'hourglass', 'idle', `${behind} holds this environment.`),
  awaiting_plan_mfa: (facts) => codeNeeded('plan', facts),
  awaiting_apply_mfa: (facts) => codeNeeded('apply', facts),
  planned: (facts) =>
    needsMfa(facts.level, 'apply')
      ? codeNeeded('apply', facts)
      : badge('Decision needed', 'file-diff', 'need', 'The plan has changes. Somebody decides whether to apply it.'),
  planned_and_saved: (facts) =>
    needsMfa(facts.level, 'apply')
      ? codeNeeded('apply', facts)
      : badge('Plan saved', 'file-diff', 'need', 'The plan is kept until somebody applies it, or the state changes.'),
  plan_queued: () => badge('Plan queued', 'stack', 'run', 'It starts as soon as a worker is free.'),
  planning: (facts) =>
    facts.isExtending
      ? codeToGoOn('Planning', facts)
      : badge('Planning', 'list-search', 'run', 'Terraform compares the configuration with what there is.'),
  apply_queued: () => badge('Apply queued', 'stack', 'run', 'It starts as soon as a worker is free.'),
  applying: (facts) =>
    facts.isExtending
      ? codeToGoOn('Applying', facts)
      : badge('Applying', 'bolt', 'run', 'Terraform is changing infrastructure.'),
  applied: () => badge('Applied', 'circle-check', 'ok', endReasons.applied),
  planned_and_finished: ({ reason }) =>
    reason === 'plan_only'
      ? badge('Planned', 'equal', 'ok', endReasons.plan_only)
      : badge('Planned, nothing to apply', 'equal', 'ok', endReasons.no_changes),
  errored: ({ reason }) => erroredBadge(reason),
  discarded: ({ reason }) =>
    reason === 'plan_outdated'
      ? badge('Discarded: outdated', 'trash-x', 'idle', endReasons.plan_outdated)
      : badge('Discarded', 'trash-x', 'idle', endReasons.discarded),
  canceled: ({ reason }) => badge('Canceled', 'ban', 'idle', endReasons[reason ?? 'canceled']),
};

function codeNeeded(phase: 'plan' | 'apply', { challenge = 'awaiting' }: BadgeFacts): Badge {
  if (challenge === 'exchanging') {
    return badge('Checking code', 'lock-cog', 'run', 'A code is on its way to AWS.');
  }
  if (challenge === 'refused') {
    return badge(
      'Code refused, try again',
      'lock-x',
      'need',
      'The last code was not accepted. A new one may be tried.',
    );
  }
  return badge(`Code needed: ${phase}`, 'lock', 'need', `The ${phase} starts when somebody enters an MFA code.`);
}

/** Terraform goes on meanwhile, so what it does stays in the words. */
function codeToGoOn(doing: 'Planning' | 'Applying', { challenge = 'awaiting' }: BadgeFacts): Badge {
  if (challenge === 'exchanging')
    return badge(`${doing}, checking code`, 'lock-cog', 'run', 'A code is on its way to AWS.');
  if (challenge === 'refused') {
    return badge(`${doing}, code refused`, 'lock-x', 'need', 'The last code was not accepted. A new one may be tried.');
  }
  return badge(`${doing}, code needed`, 'lock', 'need', 'The AWS session ends soon; an MFA code extends it.');
}

const shortReasons: { readonly [reason in EndReason]?: string } = {
  mfa_deadline_passed: 'no code',
  mfa_too_many_attempts: 'no tries left',
  terraform_failed: 'terraform failed',
  configuration_invalid: 'configuration',
  working_directory_missing: 'working directory missing',
  terraform_unavailable: 'no such terraform',
  session_lost: 'session lost',
  session_expired: 'session expired',
  session_revoked: 'session revoked',
  session_refused: 'session refused',
  phase_timeout: 'took too long',
  state_unavailable: 'state unavailable',
  worker_lost: 'worker lost',
  worker_stopped: 'worker stopped',
  worker_error: 'worker failed',
  queue_lost: 'no worker took it',
};

const reasonIcons: { readonly [reason in EndReason]?: BadgeIconName } = {
  mfa_deadline_passed: 'clock-x',
  mfa_too_many_attempts: 'lock-minus',
  worker_lost: 'plug-x',
};

function erroredBadge(reason: EndReason | undefined): Badge {
  const short = reason === undefined ? undefined : shortReasons[reason];
  return badge(
    short === undefined ? 'Errored' : `Errored: ${short}`,
    (reason && reasonIcons[reason]) ?? 'octagon',
    'bad',
    reason === undefined ? 'The run ended with an error; its log says which.' : endReasons[reason],
  );
}

function badge(words: string, icon: BadgeIconName, family: BadgeFamily, why: string): Badge {
  return { words, icon, family, why };
}
