import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import { type Actor, isPerson } from '../domain/actor.ts';
import { hashOfToken, newBearerToken } from '../domain/bearer-token.ts';
import type { Database } from '../store/database.ts';
import { findMembership } from '../store/memberships.ts';
import { findOrganization, findOrganizationByExternalId, type Organization } from '../store/organizations.ts';
import type { ServiceAccount } from '../store/service-accounts.ts';
import { insertServiceToken } from '../store/service-tokens.ts';
import { findTeam, isOwnersTeam, type Team } from '../store/teams.ts';
import { type ApiToken, findApiToken } from '../store/tokens.ts';
import { requireOwner } from './authorize.ts';
import { requireFutureExpiry } from './create-api-token.ts';
import { mayManageTokens } from './find-team.ts';

type Dependencies = { database: Database; clock: Clock };
/** `description` empty: *the* token, which replaces the one that there is. */
type NewToken = { description: string; expiresAt: Date | null };
type MadeToken = { row: ApiToken; token: Secret };

/** The caller has checked that the actor manages the team's tokens. */
export function createTeamToken(dependencies: Dependencies, actor: Actor, team: Team, input: NewToken) {
  const role = isOwnersTeam(team) ? 'owner' : 'member';
  const { id: of, name, organization } = team;
  return createServiceToken(dependencies, actor, { of, kind: 'team', name, organization, role }, input);
}

/** The caller has checked that the actor owns the organization. */
export function createOrganizationToken(
  dependencies: Dependencies,
  actor: Actor,
  { externalId: of, name }: Organization,
  expiresAt: Date | null,
) {
  const account = { of, kind: 'organization', name, organization: name, role: 'owner' } as const;
  return createServiceToken(dependencies, actor, account, { description: '', expiresAt });
}

async function createServiceToken(
  { database, clock }: Dependencies,
  actor: Actor,
  account: ServiceAccount,
  { description, expiresAt }: NewToken,
): Promise<MadeToken> {
  const now = clock.now();
  requireFutureExpiry(expiresAt, now);
  const token = newBearerToken('apiToken');
  const row = { description, expiresAt, tokenHash: hashOfToken(token) };
  return { row: await insertServiceToken(database, actor, account, row, now), token };
}

export async function requireOwnOrganization(database: Database, actor: Actor, name: string): Promise<Organization> {
  await requireOwner(database, actor, name);
  const organization = await findOrganization(database, name);
  if (organization === undefined) throw new GatehouseError('not_found', `There is no organization "${name}".`);
  return organization;
}

export type ManagedToken = {
  token: ApiToken;
  team: Team | undefined;
  of: { organization: string | null; holder?: string };
};

/** A token of mine, or of a team or an organization whose tokens I manage; else `not_found`. */
export async function requireManagedToken(database: Database, actor: Actor, id: string): Promise<ManagedToken> {
  const token = await findApiToken(database, id);
  const managed = token && (await managedToken(database, actor, token));
  if (managed === undefined) throw new GatehouseError('not_found', `There is no API token ${id} that is yours.`);
  return managed;
}

async function managedToken(
  database: Database,
  actor: Actor,
  { serviceOf, ...token }: ApiToken & { serviceOf: string | null },
): Promise<ManagedToken | undefined> {
  if (serviceOf === null) {
    const isMine = token.userId === actor.userId && isPerson(actor);
    return isMine ? { token, team: undefined, of: { organization: null } } : undefined;
  }
  const team = findTeam(database, serviceOf);
  const organization = team?.organization ?? (await findOrganizationByExternalId(database, serviceOf))?.name;
  const membership = organization === undefined ? undefined : findMembership(database, organization, actor.userId);
  if (organization === undefined || membership === undefined) return undefined;
  const isManager =
    team === undefined ? membership.role === 'owner' : mayManageTokens(database, actor, { team, membership });
  return isManager ? { token, team, of: { organization, holder: team?.name ?? organization } } : undefined;
}
