/** What a plan may do with a role unless its workspace says otherwise: AWS's own policy of everything that only reads. */
export const defaultPlanPolicyArns: string[] = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
