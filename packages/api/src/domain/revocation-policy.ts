/**
 * The inline policy that makes AWS refuse what was issued before an instant, as the one that the console attaches to a
 * role does (AWSRevokeOlderSessions). Long-lived keys have no time of issue, and are not concerned.
 */
export function revocationPolicy(revokedAt: Date): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: ['*'],
        Resource: ['*'],
        Condition: { DateLessThan: { 'aws:TokenIssueTime': revokedAt.toISOString() } },
      },
    ],
  };
}
