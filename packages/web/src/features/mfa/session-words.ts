import type { Phase } from '@gatehouse/shared/run-status';
import type { DeviceOwner, Mfa } from '../../api-client/mfa.ts';
import type { RunSession } from '../../api-client/run-session.ts';
import { clockTime, lengthWords } from '../../components/duration-words.ts';
import { authenticatedWords } from './lock-states.ts';
import type { Words } from './mfa-words.ts';

/** Beside the field of a code that a running phase needs to go on. `stopsAt`: when terraform is interrupted without it. */
export function extendConsent(phase: Phase, stopsAt: number | undefined): Words {
  const when = stopsAt === undefined ? 'before the session ends' : `at ${clockTime(stopsAt)}`;
  const saved = phase === 'plan' ? 'A plan changes nothing.' : 'What is done is saved in the state.';
  return {
    title: 'A code extends this session',
    body: `The AWS session ends before this ${phase} does. With a code terraform goes on with a longer session; nothing new is started. Without one it is interrupted ${when}. ${saved}`,
  };
}

/** A code has given a running phase a longer session. `expiresAt` undefined: the worker has not told yet. */
export function extendedWords(expiresAt: number | undefined, by: string | undefined): Words {
  return {
    title: expiresAt === undefined ? 'Session extended' : `Session extended until ${clockTime(expiresAt)}`,
    body: `${by === undefined ? '' : `${authenticatedWords(by)}. `}Terraform goes on.`,
  };
}

/** Nobody extended it, and terraform is being stopped. */
export function notExtendedWords(phase: Phase, stopsAt: number): Words {
  return {
    title: 'The session was not extended',
    body: `No code came in time. Terraform is interrupted at ${clockTime(stopsAt)}. ${phase === 'plan' ? 'A plan changes nothing.' : 'What is done is saved in the state.'}`,
  };
}

/** Said before a code is asked for, where AWS gives less than the phase usually takes. */
export function tooShortWords(phase: Phase, planned: Mfa['plannedSession']): Words | undefined {
  if (planned === undefined || planned.isEnough) return undefined;
  const takes =
    planned.expectedSeconds === undefined
      ? `This ${phase} may take longer than that.`
      : `This ${phase} usually takes about ${lengthWords(planned.expectedSeconds)}.`;
  return {
    title: 'One code may not be enough',
    body: `AWS gives a session of at most ${lengthWords(planned.limitSeconds)} here. ${takes} Another code will then be asked for while it runs.`,
  };
}

/** What becomes of a session that a phase has in hand. */
export function sessionFate(session: Pick<RunSession, 'isExtendable' | 'stopsAt'>, now: number): string {
  const { isExtendable, stopsAt } = session;
  if (stopsAt !== undefined && stopsAt <= now) return `Terraform was interrupted at ${clockTime(stopsAt)}.`;
  const [can, then] = isExtendable
    ? ['Another code is asked for before it ends.', ' Without one terraform is interrupted']
    : ['It cannot be extended: its keys were handed over as environment variables.', ' Terraform is interrupted'];
  return stopsAt === undefined ? can : `${can}${then} at ${clockTime(stopsAt)}.`;
}

/** As in `with alice’s own device …4821:mfa/alice`. */
export function authenticatedWithWords(by: string, { label, owner }: { label: string; owner: DeviceOwner }): string {
  return owner === 'own' ? `with ${by}’s own device ${label}` : `with the organization’s device ${label}`;
}

/** What a revocation does, asked before it. */
export const revokeEffect = {
  running:
    'Terraform gets no AWS keys any more and is interrupted; what it has finished stays, and is saved in the state.',
  queued: 'The run ends; nothing of this phase has run.',
  aws: 'AWS itself honours the session until its end, unless the IAM policy is attached that the run shows afterwards.',
} as const;

/** Where the policy of a revocation belongs, and what else it does. */
export function attachWords({ kind, attachTo }: NonNullable<RunSession['revocation']>): string {
  return kind === 'role'
    ? `In IAM, open the role ${attachTo} and add this as an inline policy. It denies every session of that role that was opened before, also those of others; newer ones work.`
    : `In IAM, open ${attachTo} and add this as an inline policy. It denies every session of that user that was opened before; newer ones work.`;
}

/** The way on after a session that ended too early. `hasApplied`: terraform changed something, or may have. */
export function afterSessionEnd(hasApplied: boolean): string {
  return hasApplied
    ? 'The state was saved, with what terraform had finished. Plan again: the new plan holds what is left.'
    : 'No infrastructure was changed. Plan again.';
}
