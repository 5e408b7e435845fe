import * as z from 'zod/mini';
import { readAllPages } from './all-pages.ts';
import { type Api, anything } from './api.ts';
import { attributesDocument, instant, one, resource } from './json-api.ts';

export const memberRoles = ['owner', 'member'] as const;
export type MemberRole = (typeof memberRoles)[number];

const membership = z.extend(
  resource('organization-memberships', { username: z.string(), role: z.enum(memberRoles), 'created-at': instant }),
  { relationships: z.object({ user: z.object({ data: z.object({ id: z.string() }) }) }) },
);

export type Member = { id: string; userId: string; username: string; role: MemberRole; since: number };

export async function listMembers(api: Api, organization: string, signal?: AbortSignal): Promise<Member[]> {
  const { items } = await readAllPages(api, pathOf(organization), membership, signal);
  return items.map(memberOf);
}

/** With a password a new user is made; without, one who is there already is added. */
export async function inviteMember(
  api: Api,
  organization: string,
  given: { username: string; role: MemberRole; password: string | undefined },
): Promise<Member> {
  const document = attributesDocument('organization-memberships', given);
  return memberOf((await api.send('POST', pathOf(organization), document, one(membership))).data);
}

export async function changeRole(api: Api, id: string, role: MemberRole): Promise<Member> {
  const document = attributesDocument('organization-memberships', { role });
  return memberOf((await api.send('PATCH', `/organization-memberships/${id}`, document, one(membership))).data);
}

/** Removes somebody, or leaves. */
export async function removeMember(api: Api, id: string): Promise<void> {
  await api.send('DELETE', `/organization-memberships/${id}`, undefined, anything);
}

function pathOf(organization: string): string {
  return `/organizations/${encodeURIComponent(organization)}/organization-memberships`;
}

function memberOf({ id, attributes, relationships }: z.output<typeof membership>): Member {
  return {
    id,
    userId: relationships.user.data.id,
    username: attributes.username,
    role: attributes.role,
    since: attributes['created-at'],
  };
}
