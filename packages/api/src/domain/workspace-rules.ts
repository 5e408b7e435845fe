/** Rules of a workspace's settings, each with the sentence that is told when it is broken. */
export const workspaceName = {
  pattern: /^[A-Za-z0-9_-]{1,90}$/,
  rule: 'A workspace name has 1 to 90 letters, digits, "-" and "_", and nothing else.',
} as const;

export const roleArn = {
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  rule: 'A role is named by its ARN: arn:aws:iam::<12 digits>:role/<name>.',
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

/** AWS: AssumeRole gives 15 minutes to 12 hours, GetSessionToken to 36 hours. */
export const sessionSeconds = { min: 900, maxWithRole: 43_200, maxWithoutRole: 129_600 } as const;

export type SessionSettings = {
  roleArn: string | null;
  planSessionPolicy: string | null;
  sessionDurationSeconds: number;
};

/** What is wrong with the settings together, and with which; undefined when nothing is. */
export function refusalOfSession(
  settings: SessionSettings,
): { field: 'session-duration-seconds' | 'plan-session-policy'; detail: string } | undefined {
  const { roleArn: role, sessionDurationSeconds } = settings;
  const max = role === null ? sessionSeconds.maxWithoutRole : sessionSeconds.maxWithRole;
  if (sessionDurationSeconds < sessionSeconds.min || sessionDurationSeconds > max) {
    const of = role === null ? 'without a role' : 'of an assumed role';
    return {
      field: 'session-duration-seconds',
      detail: `A session ${of} lasts ${sessionSeconds.min} to ${max} seconds.`,
    };
  }
  if (settings.planSessionPolicy !== null && role === null) {
    return { field: 'plan-session-policy', detail: 'AWS takes a session policy only with a role: set role-arn too.' };
  }
  return undefined;
}
