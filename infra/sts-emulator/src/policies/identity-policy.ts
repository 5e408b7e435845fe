import { z } from 'zod';
import { type Condition, type ConditionContext, conditionSchema, meetsCondition } from './conditions.ts';
import { listOf, matchesAction, matchesWildcard } from './wildcard.ts';

// Identity policies and session policies: what their holder may do to which resource. They share IAM's grammar; neither
// has a principal.

const oneOrMore = z.union([z.string(), z.array(z.string()).min(1)]);

const conditionKeys = [
  'aws:tokenissuetime',
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:sourceidentity',
  'aws:username',
];
const principalTag = 'aws:principaltag/';

const usernameVariable = '${' + 'aws:username}';
const hasOtherVariable = (text: string): boolean => text.replaceAll(usernameVariable, '').includes('${');

const actions = oneOrMore.refine(
  (given) => listOf(given).every((action) => action === '*' || /^[a-z0-9-]+:[\w*?]+$/i.test(action)),
  'actions are a service and a name, such as ssm:GetParameter, with wildcards in the name only',
);
const resources = oneOrMore
  .refine(
    (given) => listOf(given).every((resource) => resource === '*' || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:./.test(resource)),
    'resources are ARNs or *',
  )
  .refine((given) => !listOf(given).some(hasOtherVariable), `no policy variable but ${usernameVariable} is emulated`);

const statementSchema = z
  .strictObject({
    Sid: z
      .string()
      .regex(/^[A-Za-z0-9]*$/)
      .optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: actions.optional(),
    NotAction: actions.optional(),
    Resource: resources.optional(),
    NotResource: resources.optional(),
    Condition: conditionSchema((key) => conditionKeys.includes(key) || key.startsWith(principalTag)).optional(),
  })
  .refine(({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined), {
    message: 'a statement has either Action or NotAction',
  })
  .refine(({ Resource, NotResource }) => (Resource === undefined) !== (NotResource === undefined), {
    message: 'a statement has either Resource or NotResource',
  });

export const identityPolicySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).default('2012-10-17'),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]),
});

type Statement = {
  Effect: 'Allow' | 'Deny';
  Action?: string | readonly string[] | undefined;
  /** Beside `Action` it makes exceptions: only AWS's managed policies are modelled so, IAM's grammar has one or the other. */
  NotAction?: string | readonly string[] | undefined;
  Resource?: string | readonly string[] | undefined;
  NotResource?: string | readonly string[] | undefined;
  Condition?: Condition | undefined;
};
export type IdentityPolicy = { Statement: Statement | readonly Statement[] };

/** Something that a caller wants to do. */
export type Deed = { action: string; resource: string };

/** What IAM knows of who wants it; times and MFA are known of temporary credentials only. */
export type Principal = {
  username?: string;
  tokenIssuedAt?: Date;
  mfaPresent?: boolean;
  mfaAgeSeconds?: number;
  sourceIdentity?: string;
  tags?: Readonly<Record<string, string>>;
};

export type Verdict = 'allowed' | 'denied' | 'unmentioned';

/** All policies taken together: a denial beats every allowance, and what none of them mentions is not allowed. */
export function judge(policies: Iterable<IdentityPolicy>, deed: Deed, principal: Principal): Verdict {
  const context = contextOf(principal);
  const matching = [...policies]
    .flatMap(({ Statement }) => listOf(Statement))
    .filter((statement) => covers(statement, deed, principal) && meetsCondition(statement.Condition, context));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'unmentioned';
}

function covers(statement: Statement, { action, resource }: Deed, { username }: Principal): boolean {
  const { Action, NotAction, Resource, NotResource } = statement;
  const isResource = (patterns: string | readonly string[]) =>
    listOf(patterns).some((pattern) => {
      // A variable without a value matches nothing, as at AWS: a role's session has no user name.
      if (pattern.includes(usernameVariable) && username === undefined) return false;
      return matchesWildcard(pattern.replaceAll(usernameVariable, username ?? ''), resource);
    });
  return (
    (Action === undefined || matchesAction(Action, action)) &&
    (NotAction === undefined || !matchesAction(NotAction, action)) &&
    (Resource === undefined || isResource(Resource)) &&
    (NotResource === undefined || !isResource(NotResource))
  );
}

function contextOf(principal: Principal): ConditionContext {
  const { tokenIssuedAt, mfaPresent, mfaAgeSeconds, sourceIdentity, username, tags = {} } = principal;
  const known: [string, string | undefined][] = [
    ['aws:tokenissuetime', tokenIssuedAt?.toISOString()],
    ['aws:multifactorauthpresent', mfaPresent?.toString()],
    ['aws:multifactorauthage', mfaAgeSeconds?.toString()],
    ['aws:sourceidentity', sourceIdentity],
    ['aws:username', username],
    ...Object.entries(tags).map(([key, value]): [string, string] => [`${principalTag}${key.toLowerCase()}`, value]),
  ];
  return new Map(known.flatMap(([key, value]) => (value === undefined ? [] : [[key, [value]] as const])));
}
