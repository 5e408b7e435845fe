import type { Caller } from '../authenticate.ts';
import type { XmlTree } from '../xml.ts';
import type { ActionContext } from './action.ts';

export function getCallerIdentity({ account, caller }: ActionContext): XmlTree {
  return { Arn: caller.arn, UserId: userIdOf(caller), Account: account.accountId };
}

function userIdOf(caller: Caller): string {
  if (caller.kind === 'keys') return caller.user.userId;
  const { session } = caller;
  return session.kind === 'user' ? session.user.userId : `${session.role.roleId}:${session.roleSessionName}`;
}
