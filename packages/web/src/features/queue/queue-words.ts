import { type EndReason, endReasons, isEndReason } from '@gatehouse/shared/end-reasons';
import type { Lane, Queue, SeriesState } from '../../api-client/queue.ts';
import { durationWords } from '../../components/duration-words.ts';

export const stateWords: Record<SeriesState, string> = {
  'awaiting-mfa': 'Waiting for a code',
  queued: 'Queued',
  running: 'Running',
  waiting: 'Pending or undecided',
  done: 'Ended otherwise',
  failed: 'Failed',
};

/** What pausing stops and what it does not, before anybody presses it. */
export const pauseWords: Record<Lane, { title: string; effect: string; action: string; keep: string }> = {
  runs: {
    title: 'Pause runs of everybody',
    effect: 'Runs wait in the queue; running ones finish. Codes are still taken.',
    action: 'Pause runs',
    keep: 'Let them run',
  },
  gate: {
    title: 'Pause codes of everybody',
    effect:
      'Nobody can authenticate: a code that is sent is answered with your name, and not spent. Deadlines go on, so runs may end without a code.',
    action: 'Pause codes',
    keep: 'Take codes',
  },
};

export const resumeWords: Record<Lane, { title: string; effect: string; action: string; keep: string }> = {
  runs: {
    title: 'Resume runs of everybody',
    effect: 'Every run in the queue starts as soon as a worker is free.',
    action: 'Resume runs',
    keep: 'Stay paused',
  },
  gate: {
    title: 'Resume codes of everybody',
    effect: 'Codes are taken again, for every run that waits.',
    action: 'Resume codes',
    keep: 'Stay paused',
  },
};

/** `1 min`, `14 min`, or a dash where nothing was measured. */
export function secondsWords(seconds: number | null): string {
  return seconds === null ? '–' : durationWords(seconds * 1000);
}

const shortCauses: { readonly [reason in EndReason]?: string } = {
  mfa_deadline_passed: 'no code in time',
  mfa_too_many_attempts: 'no tries left',
  terraform_failed: 'terraform failed',
  configuration_invalid: 'configuration refused',
  working_directory_missing: 'no such working directory',
  terraform_unavailable: 'no such terraform',
  session_lost: 'session lost',
  session_expired: 'session expired',
  session_refused: 'session refused by AWS',
  phase_timeout: 'took too long',
  state_unavailable: 'state unavailable',
  worker_lost: 'worker lost',
  worker_stopped: 'worker stopped',
  worker_error: 'worker failed',
  queue_lost: 'no worker took it',
};

/** Why runs failed, short and whole. A reason of a newer api shows as it is. */
export function causeWords({ reason, sentence }: Queue['failures'][number]): { short: string; whole: string } {
  if (reason === null) return { short: 'no reason given', whole: sentence ?? '' };
  const short = isEndReason(reason) ? (shortCauses[reason] ?? reason) : reason;
  return { short, whole: sentence ?? (isEndReason(reason) ? endReasons[reason] : '') };
}
