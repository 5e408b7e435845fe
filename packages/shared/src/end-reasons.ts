/**
 * Why a run ended, apart from the status it ended in: a closed list with a sentence each, that a person can act on.
 * Scripts match on these words; a word, once released, keeps its meaning.
 */
export const endReasons = {
  applied: 'The changes were applied.',
  no_changes: 'Nothing to change: the state and the configuration agree.',
  plan_only: 'The run was to plan only.',
  plan_outdated: 'The state changed after the plan was saved, so the plan can no longer be applied. Plan again.',
  discarded: 'The run was discarded before it changed anything.',
  canceled: 'The run was canceled.',
  force_canceled: 'The run was canceled by force; terraform was killed. Compare the state with the infrastructure.',
  mfa_deadline_passed: 'No MFA code came in time. Nothing of this phase ran. Queue the run again.',
  mfa_too_many_attempts: 'Too many MFA codes were refused. Nothing of this phase ran. Queue the run again.',
  terraform_failed: 'Terraform ended with an error; the log says which.',
  configuration_invalid: 'The configuration could not be used; the log says why.',
  working_directory_missing: "The workspace's working directory does not exist in the configuration.",
  terraform_unavailable: 'No worker has the terraform version that the workspace asks for.',
  session_lost: 'The AWS session was gone before the phase started. Queue the run again and enter a new code.',
  session_expired: 'The AWS session ended before the phase did. What terraform had finished is in the state.',
  session_revoked: 'An owner revoked the AWS session. What terraform had finished is in the state.',
  session_refused: 'AWS did not give a session for the keys of this workspace; the log says why.',
  phase_timeout: 'The phase took longer than allowed and was interrupted.',
  state_unavailable: 'The state could not be read or written; the log says why.',
  worker_lost: 'The worker stopped answering. The state up to then is kept; read it before you queue the run again.',
  worker_stopped: 'The worker was stopped and interrupted terraform. What terraform had finished is in the state.',
  worker_error: 'The worker failed while it prepared or finished the phase; the log says how.',
  queue_lost: 'No worker took the phase in time.',
} as const satisfies Record<string, string>;

export type EndReason = keyof typeof endReasons;

export function isEndReason(word: string): word is EndReason {
  return Object.hasOwn(endReasons, word);
}
