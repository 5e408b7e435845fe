/** Settings of a workspace that narrow what its plans may do with the role. */
export type PlanPolicies = {
  roleArn: string | null;
  planSessionPolicy: string | null;
  planPolicyArns: readonly string[] | null;
};

/**
 * The managed policies that a plan's session is narrowed to. Unless the workspace says otherwise: AWS's own policy of
 * everything that only reads. Not beside an inline policy, since AWS lets a session do what any of its session policies
 * allows: one that is narrower than reading everything would be widened by it.
 */
export function planPolicyArnsOf({ roleArn, planSessionPolicy, planPolicyArns }: PlanPolicies): string[] {
  if (roleArn === null) return [];
  if (planPolicyArns !== null) return [...planPolicyArns];
  return planSessionPolicy === null ? [readOnlyPolicy(roleArn)] : [];
}

/** AWS's own policies bear the partition of the account (`aws`, `aws-cn`, `aws-us-gov`). */
function readOnlyPolicy(roleArn: string): string {
  return `arn:${roleArn.split(':')[1]}:iam::aws:policy/ReadOnlyAccess`;
}
