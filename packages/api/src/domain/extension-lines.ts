import type { Phase } from '@gatehouse/shared/run-status';
import { clockTime } from './challenge.ts';

/** The session of a running phase ends before it does: what its log, and so a terminal, says. */
export function extensionLines(wait: {
  phase: Phase;
  /** Whose code it is, as `awaitedDevice` says. */
  device: string;
  /** The run's page. */
  url: string;
  /** Where a script sends the code. */
  authenticateUrl: string;
  /** Null where nobody knows; terraform is asked to stop a while before. */
  sessionEndsAt: Date | null;
  deadlineAt: Date;
}): readonly string[] {
  const { phase, device, sessionEndsAt, deadlineAt } = wait;
  const end = sessionEndsAt ?? deadlineAt;
  return [
    `The AWS session of this ${phase} ends at ${clockTime(end)}. Another MFA code extends it; terraform goes on meanwhile.`,
    `Enter a code of ${device} at`,
    `  ${wait.url}`,
    'or send {"token-code": "123456"} with an API token to',
    `  ${wait.authenticateUrl}`,
    `Waiting until ${clockTime(deadlineAt)}. Without a code terraform is asked to stop then, and its state is saved.`,
  ];
}

/** After the line of who authenticated. */
export function extendedLine(sessionEndsAt: Date): string {
  return `The AWS session is extended until ${clockTime(sessionEndsAt)}.`;
}

/** Nobody is asked any more, and terraform still runs. */
export function notExtendedLine(
  reason: 'mfa_deadline_passed' | 'mfa_too_many_attempts',
  deadlineAt: Date | null,
): string {
  if (reason === 'mfa_deadline_passed') {
    return 'No MFA code came in time, so the AWS session is not extended: terraform is asked to stop, and its state is saved.';
  }
  const then = deadlineAt === null ? 'before it ends' : `at ${clockTime(deadlineAt)}`;
  return `Too many MFA codes were refused, so the AWS session is not extended: terraform is asked to stop ${then}, and its state is saved.`;
}
