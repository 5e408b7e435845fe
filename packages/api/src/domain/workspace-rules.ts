/** Rules of a workspace's settings, each with the sentence that is told when it is broken. */
export const workspaceName = {
  pattern: /^[A-Za-z0-9_-]{1,90}$/,
  rule: 'A workspace name has 1 to 90 letters, digits, "-" and "_", and nothing else.',
} as const;

export const roleArn = {
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  rule: 'A role is named by its ARN: arn:aws:iam::<12 digits>:role/<name>.',
} as const;

/** AWS: ten at most, of AWS or of the role's own account. */
export const planPolicies = {
  most: 10,
  pattern: /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/[\w+=,.@/-]{1,512}$/,
  rule: 'A policy is named by its ARN: arn:aws:iam::<12 digits, or aws>:policy/<name>.',
} as const;

export const workingDirectoryRule = 'Give a path inside the configuration: relative, without "..", at most 500 long.';

export function isWorkingDirectory(path: string): boolean {
  if (path.length > 500 || path.startsWith('/') || /[\\\p{Cc}]/u.test(path)) return false;
  return !path.split('/').includes('..');
}

/** AWS: an inline session policy has at most 2,048 characters. */
export const sessionPolicyRule = 'Give a JSON policy object of at most 2048 characters.';

export function isSessionPolicy(text: string): boolean {
  if (text.length > 2048) return false;
  try {
    const policy: unknown = JSON.parse(text);
    return typeof policy === 'object' && policy !== null && !Array.isArray(policy) && 'Statement' in policy;
  } catch {
    return false;
  }
}

/**
 * AWS: AssumeRole gives 15 minutes to 12 hours, where the role allows that (IAM: MaxSessionDuration, from an hour on);
 * GetSessionToken to 36 hours; a role that is assumed with a session, an hour.
 */
export const sessionSeconds = {
  min: 900,
  maxOfRoleByDefault: 3_600,
  maxWithRole: 43_200,
  maxWithoutRole: 129_600,
  maxChained: 3_600,
} as const;

export type SessionSettings = {
  roleArn: string | null;
  roleMaxSessionSeconds: number | null;
  planSessionPolicy: string | null;
  planPolicyArns: readonly string[] | null;
  sessionDurationSeconds: number;
  /** The length follows from earlier runs. */
  sessionDurationAutomatic: boolean;
};

type SessionField =
  | 'session-duration-seconds'
  | 'role-max-session-seconds'
  | 'plan-session-policy'
  | 'plan-policy-arns';

/** What is wrong with the settings together, and with which; undefined when nothing is. */
export function refusalOfSession(settings: SessionSettings): { field: SessionField; detail: string } | undefined {
  const { roleArn: role } = settings;
  return (
    refusalOfLength(settings) ?? (role === null ? refusalWithoutRole(settings) : refusalOfPolicies(settings, role))
  );
}

function refusalOfLength(settings: SessionSettings): ReturnType<typeof refusalOfSession> {
  const { roleArn: role, roleMaxSessionSeconds: roleMax, sessionDurationSeconds } = settings;
  // An automatic length keeps to what AWS gives by itself.
  if (settings.sessionDurationAutomatic) return undefined;
  const max = role === null ? sessionSeconds.maxWithoutRole : sessionSeconds.maxWithRole;
  if (sessionDurationSeconds < sessionSeconds.min || sessionDurationSeconds > max) {
    const of = role === null ? 'without a role' : 'of an assumed role';
    return {
      field: 'session-duration-seconds',
      detail: `A session ${of} lasts ${sessionSeconds.min} to ${max} seconds.`,
    };
  }
  if (role !== null && roleMax !== null && sessionDurationSeconds > roleMax) {
    return {
      field: 'session-duration-seconds',
      detail: `The role allows ${roleMax} seconds (role-max-session-seconds): ask for no more, or leave it to Gatehouse (null).`,
    };
  }
  return undefined;
}

/** What AWS takes with AssumeRole only. An empty list of policies asks for nothing. */
function refusalWithoutRole(settings: SessionSettings): ReturnType<typeof refusalOfSession> {
  if (settings.planSessionPolicy !== null) {
    return { field: 'plan-session-policy', detail: 'AWS takes a session policy only with a role: set role-arn too.' };
  }
  if (settings.planPolicyArns !== null && settings.planPolicyArns.length > 0) {
    return { field: 'plan-policy-arns', detail: 'AWS takes session policies only with a role: set role-arn too.' };
  }
  if (settings.roleMaxSessionSeconds !== null) {
    return { field: 'role-max-session-seconds', detail: 'This is what a role allows: set role-arn too.' };
  }
  return undefined;
}

/** AWS: managed session policies are its own or of the account of the role. */
function refusalOfPolicies(settings: SessionSettings, role: string): ReturnType<typeof refusalOfSession> {
  const [, partition, , , account] = role.split(':');
  const isForeign = (arn: string) => {
    const [, ofPartition, , , owner] = arn.split(':');
    return ofPartition !== partition || (owner !== 'aws' && owner !== account);
  };
  const foreign = settings.planPolicyArns?.find(isForeign);
  if (foreign === undefined) return undefined;
  return {
    field: 'plan-policy-arns',
    detail: `AWS takes policies of its own and of the role's account (${account}) only, and ${foreign} is neither.`,
  };
}
