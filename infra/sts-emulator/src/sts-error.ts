/** Why a call was refused, in the emulator's own words: the journal keeps it where AWS's answer tells less. */
export type RefusalReason =
  | 'code_wrong'
  | 'code_reused'
  | 'code_missing'
  | 'serial_unknown'
  | 'session_credentials'
  | 'trust_policy'
  | 'role_unknown'
  | 'root'
  | 'identity_policy'
  | 'identity_denied'
  | 'session_policy'
  | 'session_denied'
  | 'resource_unknown'
  | 'resource_exists'
  | 'key_unknown'
  | 'key_inactive'
  | 'token_wrong'
  | 'token_expired'
  | 'signature_missing'
  | 'signature_incomplete'
  | 'signature_mismatch'
  | 'signature_expired'
  | 'signature_early'
  | 'invalid_parameter'
  | 'invalid_action'
  | 'fault';

/** An error answer in AWS's words: `code` and the message go out, `reason` stays in the journal. */
export class StsError extends Error {
  readonly code: string;
  readonly statusCode: number;
  readonly reason: RefusalReason;

  constructor(code: string, statusCode: number, message: string, reason: RefusalReason) {
    super(message);
    this.name = 'StsError';
    this.code = code;
    this.statusCode = statusCode;
    this.reason = reason;
  }
}

// The messages below are AWS's own, double spaces included: clients are known to match on them.

export const accessDenied = (message: string, reason: RefusalReason): StsError =>
  new StsError('AccessDenied', 403, message, reason);

export const codeRefused = (reason: 'code_wrong' | 'code_reused'): StsError =>
  accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.', reason);

export const serialRefused = (): StsError =>
  accessDenied(
    'MultiFactorAuthentication failed, unable to validate MFA code.  ' +
      'Please verify your MFA serial number is valid and associated with this user.',
    'serial_unknown',
  );

export const codeOrSerialMissing = (): StsError =>
  accessDenied(
    'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    'code_missing',
  );

export const assumeRoleRefused = (
  callerArn: string,
  action: 'sts:AssumeRole' | 'sts:TagSession' | 'sts:SetSourceIdentity',
  roleArn: string,
  reason: RefusalReason,
  phrase?: string,
): StsError => notAuthorized(callerArn, action, roleArn, reason, phrase);

/** AWS's sentence for whatever a policy does not allow; the phrase says which kind of policy it was. */
export const notAuthorized = (
  callerArn: string,
  action: string,
  resource: string,
  reason: RefusalReason,
  phrase?: string,
): StsError =>
  accessDenied(
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource}${phrase === undefined ? '' : ` ${phrase}`}`,
    reason,
  );

export const invalidClientToken = (reason: 'key_unknown' | 'key_inactive' | 'token_wrong'): StsError =>
  new StsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.', reason);

export const expiredToken = (): StsError =>
  new StsError('ExpiredToken', 403, 'The security token included in the request is expired', 'token_expired');

export const signatureRefused = (message: string, reason: RefusalReason = 'signature_mismatch'): StsError =>
  new StsError('SignatureDoesNotMatch', 403, message, reason);

export const signatureIncomplete = (message: string): StsError =>
  new StsError('IncompleteSignature', 400, message, 'signature_incomplete');

export const authenticationMissing = (): StsError =>
  new StsError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token', 'signature_missing');

export const validationError = (message: string): StsError =>
  new StsError('ValidationError', 400, message, 'invalid_parameter');

export const invalidParameterValue = (message: string): StsError =>
  new StsError('InvalidParameterValue', 400, message, 'invalid_parameter');

export const malformedPolicy = (message: string): StsError =>
  new StsError('MalformedPolicyDocument', 400, message, 'invalid_parameter');

export const packedPolicyTooLarge = (message: string): StsError =>
  new StsError('PackedPolicyTooLarge', 400, message, 'invalid_parameter');

export const invalidAction = (action: string, version: string): StsError =>
  new StsError('InvalidAction', 400, `Could not find operation ${action} for version ${version}`, 'invalid_action');
