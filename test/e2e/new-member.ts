import { newMember as memberOf, type NewMember } from '@gatehouse/dev/new-member';
import type { Gatehouse } from './stack.ts';

/** A new member of the demo organization, who is no owner, with an API token. */
export function newMember({ api, stack }: Gatehouse, username: string): Promise<NewMember> {
  return memberOf(api, stack.dev.organization, username);
}
