import type { RoleTrust } from '@gatehouse/shared/worker-api';

/** What a trust policy must let the holder of the keys do, so that CloudTrail shows whose a session is. */
const trustedActions = { tags: 'sts:TagSession', sourceIdentity: 'sts:SetSourceIdentity' } as const;

export type TrustedAction = (typeof trustedActions)[keyof typeof trustedActions];
export const namingActions: readonly [TrustedAction, ...TrustedAction[]] = [
  trustedActions.tags,
  trustedActions.sourceIdentity,
];

export function missingActions(trust: RoleTrust): TrustedAction[] {
  return [
    ...(trust.tags ? [] : [trustedActions.tags]),
    ...(trust.sourceIdentity ? [] : [trustedActions.sourceIdentity]),
  ];
}

/** The ARN of the holder of an access key, or, where it is not known, words to put it in for. */
export function principalOf(roleArn: string, holder: { accessKeyId: string; arn: string | null }): string {
  if (holder.arn !== null) return holder.arn;
  const partition = roleArn.split(':')[1];
  return `arn:${partition}:iam::<account>:user/<the IAM user whose access key ends in ${holder.accessKeyId.slice(-4)}>`;
}

/**
 * The whole trust policy of a role, to paste. `demandsCode`: every session of the workspace is made with a code, so that
 * the role can insist on one; where plans go without, they could assume it no more.
 */
export function roleTrustPolicy(role: { principal: string; demandsCode: boolean }) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Gatehouse',
        Effect: 'Allow',
        Principal: { AWS: role.principal },
        Action: ['sts:AssumeRole', ...namingActions],
        ...(role.demandsCode ? { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } } : {}),
      },
    ],
  };
}
