import { checkParameters, memberList, parameter } from '../query-parameters.ts';
import { readTags } from './session-tags.ts';
import { mfaConstraints } from './verify-mfa.ts';

const maximumSeconds = 43_200;
const defaultSeconds = 3_600;

export type RoleRequest = ReturnType<typeof readRoleRequest>;

/** Reads the parameters of AssumeRole and checks what can be checked without looking at the account. */
export function readRoleRequest(parameters: URLSearchParams, minimumSessionSeconds: number) {
  checkParameters(parameters, {
    RoleArn: { required: true, minLength: 20, maxLength: 2048 },
    RoleSessionName: { required: true, minLength: 2, maxLength: 64, pattern: '[\\w+=,.@-]*' },
    Policy: { minLength: 1, maxLength: 2048 },
    DurationSeconds: { minimum: minimumSessionSeconds, maximum: maximumSeconds },
    ExternalId: { minLength: 2, maxLength: 1224, pattern: '[\\w+=,.@:\\/-]*' },
    SourceIdentity: { minLength: 2, maxLength: 64, pattern: '[\\w+=,.@-]*' },
    ...mfaConstraints,
  });
  const policy = parameter(parameters, 'Policy');
  return {
    roleArn: parameters.get('RoleArn') ?? '',
    roleSessionName: parameters.get('RoleSessionName') ?? '',
    durationSeconds: Number(parameter(parameters, 'DurationSeconds') ?? defaultSeconds),
    policy,
    policyArns: memberList(parameters, 'PolicyArns').map((member) => member['arn'] ?? ''),
    externalId: parameter(parameters, 'ExternalId'),
    sourceIdentity: parameter(parameters, 'SourceIdentity'),
    ...readTags(parameters),
  };
}
