/**
 * Every error code that Gatehouse answers with, and the HTTP status it is answered at. One list: the api's error
 * handler, the worker's client and the page read the same.
 */
export const errorCodes = {
  // Requests
  invalid_request: { status: 422, title: 'Invalid request' },
  malformed_json: { status: 400, title: 'Malformed JSON' },
  invalid_include: { status: 400, title: 'Invalid include parameter' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict' },
  already_exists: { status: 422, title: 'Already exists' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  too_large: { status: 413, title: 'Too large' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
  paused: { status: 409, title: 'Paused by an operator' },
  notification_refused: { status: 422, title: 'The destination did not accept a test message' },

  // Runs
  invalid_transition: { status: 409, title: 'The run is in another state' },
  aws_variable_missing: { status: 422, title: 'A variable that MFA needs is missing' },
  configuration_missing: { status: 422, title: 'Configuration version is missing' },
  configuration_invalid: { status: 422, title: 'The configuration archive was refused' },
  /** Asked of people on the page before what destroys. */
  confirm_name_required: { status: 422, title: 'Type the name of the environment' },
  workspace_locked: { status: 409, title: 'Workspace is locked' },
  state_invalid: { status: 422, title: 'The state was refused' },
  /** Not 409: go-tfe would not look at the words, and ask again, as it should. */
  state_pending: { status: 422, title: 'A state is on its way' },

  // A code that was submitted
  mfa_not_awaited: { status: 409, title: 'No code is awaited' },
  mfa_exchange_in_progress: { status: 409, title: 'A code is being checked already' },
  mfa_code_invalid_format: { status: 422, title: 'A code has six digits' },
  mfa_rejected: { status: 422, title: 'AWS did not accept this code' },
  mfa_code_already_used: { status: 422, title: 'This code is spent' },
  mfa_serial_unknown: { status: 422, title: 'AWS does not know this MFA device' },
  aws_keys_invalid: { status: 422, title: 'AWS does not know these access keys' },
  sts_denied: { status: 422, title: 'AWS refused the session' },
  session_too_long: { status: 422, title: 'AWS gives no session as long as this' },
  session_policy_refused: { status: 422, title: 'AWS does not take the session policies of the plan' },
  sts_throttled: { status: 422, title: 'AWS STS is throttling' },
  sts_unreachable: { status: 422, title: 'AWS STS did not answer' },
  mfa_code_lost: { status: 422, title: 'The code got lost on the way' },
  aws_identity_gone: { status: 422, title: 'The AWS keys of this device are gone' },
  mfa_too_many_attempts: { status: 429, title: 'No tries left' },
  mfa_deadline_passed: { status: 409, title: 'No code came in time' },

  // Checks of a set-up
  aws_identity_missing: { status: 422, title: 'You have no AWS keys and MFA device here' },
  aws_identity_refused: { status: 422, title: 'These AWS keys cannot be used' },
  aws_check_unanswered: { status: 503, title: 'No worker answered the check' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** What an exchange at STS can fail with; the run goes on waiting after each of them (M8). */
export const mfaRejections = [
  'mfa_rejected',
  'mfa_code_already_used',
  'mfa_serial_unknown',
  'aws_keys_invalid',
  'sts_denied',
  'session_too_long',
  'session_policy_refused',
  'sts_throttled',
  'sts_unreachable',
  'mfa_code_lost',
  'aws_identity_gone',
] as const satisfies readonly ErrorCode[];

export type MfaRejection = (typeof mfaRejections)[number];

/** Rejections in which AWS never judged the code, so that no try is counted. */
const uncounted: readonly ErrorCode[] = [
  'mfa_code_lost',
  'aws_identity_gone',
  'mfa_serial_unknown',
  'aws_keys_invalid',
  'sts_denied',
  'session_too_long',
  'session_policy_refused',
  'sts_throttled',
  'sts_unreachable',
] satisfies readonly MfaRejection[];

export function usesUpATry(rejection: MfaRejection): boolean {
  return !uncounted.includes(rejection);
}
