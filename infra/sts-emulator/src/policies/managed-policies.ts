import type { IdentityPolicy } from './identity-policy.ts';

// AWS's own policies that are most likely to be named as session policies. ReadOnlyAccess is a model: AWS's document
// lists thousands of actions of each service; here it is the verbs by which they read. Where AWS left a reading action
// out on purpose, since it hands out secrets, it is left out here, too. AdministratorAccess and PowerUserAccess say what
// AWS's documents say.

const readingVerbs = ['BatchGet', 'Check', 'Describe', 'Get', 'List', 'Lookup', 'Query', 'Scan', 'Search', 'View'];
const secretReadings = ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue'];

export const administratorAccess: IdentityPolicy = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

const readOnlyAccess: IdentityPolicy = {
  Statement: {
    Effect: 'Allow',
    Action: readingVerbs.map((verb) => `*:${verb}*`),
    NotAction: secretReadings,
    Resource: '*',
  },
};

const powerUserAccess: IdentityPolicy = {
  Statement: [
    { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: [
        'account:GetAccountInformation',
        'account:GetPrimaryEmail',
        'account:ListRegions',
        'iam:CreateServiceLinkedRole',
        'iam:DeleteServiceLinkedRole',
        'iam:ListRoles',
        'organizations:DescribeOrganization',
      ],
      Resource: '*',
    },
  ],
};

/** By ARN; an account's own managed policies come from the seed. */
export const awsManagedPolicies: ReadonlyMap<string, IdentityPolicy> = new Map([
  ['arn:aws:iam::aws:policy/ReadOnlyAccess', readOnlyAccess],
  ['arn:aws:iam::aws:policy/AdministratorAccess', administratorAccess],
  ['arn:aws:iam::aws:policy/PowerUserAccess', powerUserAccess],
]);
