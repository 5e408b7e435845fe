import { createApiToken } from '../../../packages/api/src/services/create-api-token.ts';
import type { Person } from '../../../packages/api/test/running-api.ts';
import type { RightsWorld } from './rights-world.ts';

export const actorNames = [
  'nobody',
  'owner',
  'member',
  'owner of another organization',
  'member of another organization',
  'site admin',
  'team token',
  'organization token',
  "another organization's team token",
  "another organization's organization token",
  'worker token',
  'job token of the run',
  'job token of the run that applies',
  'job token of another run',
  'expired job token',
  'ended job token',
  'expired API token',
  'revoked API token',
  'session of the page',
  'session without the origin of the page',
  'session with the origin of another site',
  'expired session',
  'site admin on the page',
] as const;
export type ActorName = (typeof actorNames)[number];

/** Who asks, as the headers of a request. */
export async function actorsOf({ api, acme, rival, root, sessions, file, url }: RightsWorld) {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const actor = (of: Person) => ({ userId: of.id, username: of.username, isSiteAdmin: false, via: 'token' as const });
  const made = (expiresAt: Date | null) => createApiToken(api, actor(acme.owner), { description: 'x', expiresAt });
  const expired = await made(new Date(api.clock.now().getTime() + 1));
  file.prepare('update api_tokens set expires_at = ? where id = ?').run(api.clock.now().getTime(), expired.row.id);
  const revoked = await made(null);
  file.prepare('delete from api_tokens where id = ?').run(revoked.row.id);
  const page = { origin: 'http://gatehouse.test' };
  return {
    nobody: {},
    owner: bearer(acme.owner.token),
    member: bearer(acme.member.token),
    'owner of another organization': bearer(rival.owner.token),
    'member of another organization': bearer(rival.member.token),
    'site admin': bearer(root.token),
    'team token': bearer(acme.teamToken),
    'organization token': bearer(acme.organizationToken),
    "another organization's team token": bearer(rival.teamToken),
    "another organization's organization token": bearer(rival.organizationToken),
    'worker token': bearer(api.config.workerToken.reveal()),
    'job token of the run': bearer(acme.planning.token),
    'job token of the run that applies': bearer(acme.applying.token),
    'job token of another run': bearer(rival.planning.token),
    'expired job token': bearer(acme.planning.expiredToken),
    'ended job token': bearer(acme.ended.token),
    'expired API token': bearer(expired.token.reveal()),
    'revoked API token': bearer(revoked.token.reveal()),
    'session of the page': { cookie: sessions.open.cookie, ...page },
    'session without the origin of the page': { cookie: sessions.open.cookie },
    'session with the origin of another site': { cookie: sessions.open.cookie, origin: `${url}.example` },
    'expired session': { cookie: sessions.over.cookie, ...page },
    'site admin on the page': { cookie: sessions.admin.cookie, ...page },
  } satisfies Record<ActorName, Record<string, string>>;
}

const serviceTokens: readonly ActorName[] = [
  'team token',
  'organization token',
  "another organization's team token",
  "another organization's organization token",
];
const members: readonly ActorName[] = ['owner', 'member', 'team token', 'organization token', 'session of the page'];
const strangers: readonly ActorName[] = [
  'owner of another organization',
  'member of another organization',
  "another organization's team token",
  "another organization's organization token",
  'site admin',
  'site admin on the page',
];
export const foreignPages: readonly ActorName[] = [
  'session without the origin of the page',
  'session with the origin of another site',
];

export const isServiceToken = (actor: ActorName) => serviceTokens.includes(actor);
/** Of the organization whose things are asked for. */
export const isMember = (actor: ActorName) => members.includes(actor);
export const isSignedIn = (actor: ActorName) => isMember(actor) || strangers.includes(actor);
