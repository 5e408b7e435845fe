/** What each recorded action means, for the filter and the list. One that this page does not know shows as it is. */
export const actionWords: Readonly<Record<string, string>> = {
  'run.authenticated': 'Authenticated a phase with MFA',
  'run.session_extended': 'Extended the session of a running phase with MFA',
  'run.session_revoked': 'Revoked the AWS session of a run',
  'aws_identity.registered': 'Registered an AWS identity of their own',
  'aws_identity.replaced': 'Replaced the keys of their AWS identity',
  'aws_identity.removed': 'Removed their AWS identity',
  'aws_setup.checked': 'Checked the AWS set-up',
  'workspace.mfa_level_changed': 'Changed the level of codes',
  'workspace.created': 'Made an environment',
  'workspace.changed': 'Changed settings',
  'workspace.deleted': 'Deleted an environment',
  'workspace.locked': 'Locked an environment',
  'workspace.unlocked': 'Unlocked an environment',
  'workspace.force_unlocked': "Took somebody's lock away",
  'variable.created': 'Added a variable',
  'variable.changed': 'Changed a variable',
  'variable.deleted': 'Deleted a variable',
  'variable_set.created': 'Made a variable set',
  'variable_set.changed': 'Changed a variable set',
  'variable_set.deleted': 'Deleted a variable set',
  'variable_set.applied': 'Applied a variable set',
  'variable_set.removed': 'Took a variable set away',
  'notification.created': 'Made a notification',
  'notification.changed': 'Changed a notification',
  'notification.deleted': 'Deleted a notification',
  'notification.verified': 'Sent a test message',
  'member.added': 'Added a member',
  'member.role_changed': 'Changed a role',
  'member.removed': 'Removed a member',
  'team.created': 'Made a team',
  'team.changed': 'Changed a team',
  'team.deleted': 'Deleted a team',
  'team.member_added': 'Added to a team',
  'team.member_removed': 'Took out of a team',
  'token.created': 'Made a token of a team or the organization',
  'token.deleted': 'Revoked a token of a team or the organization',
  'user.created': 'Made an account',
  'organization.created': 'Made the organization',
  'organization.email_changed': "Changed the organization's address",
  'queue.paused': 'Paused a lane',
  'queue.resumed': 'Resumed a lane',
  'worker.drained': 'Drained a worker',
  'worker.resumed': 'Let a worker work again',
};

export function wordsOfAction(action: string): string {
  return actionWords[action] ?? action;
}

const detailWords: Readonly<Record<string, string>> = { identity: 'AWS identity', principalArn: 'AWS principal' };

/** `mfaSerial` → `mfa serial`: the record's own names, read aloud. */
export function wordsOfDetail(name: string): string {
  const words = detailWords[name];
  if (words !== undefined) return words;
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const identityWords: Readonly<Record<string, string>> = { own: 'their own', organization: "the organization's" };

export function textOfDetail(name: string, value: unknown): string {
  if (name === 'identity' && typeof value === 'string') return identityWords[value] ?? value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
