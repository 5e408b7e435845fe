import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashPassword } from '../domain/password-hash.ts';
import { type Database, inTransaction, type Transaction } from '../store/database.ts';
import { findMembership, insertMembership, type Membership } from '../store/memberships.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { addMember } from '../store/team-members.ts';
import { findTeam, type Team } from '../store/teams.ts';
import { findUserByEmail, findUserByName, insertUser, type User } from '../store/users.ts';
import { requireOwner } from './authorize.ts';

export type Invitation = {
  organization: string;
  /** By name, or by an address that a site admin has set. */
  who: { username: string } | { email: string };
  role: MemberRole;
  /** Makes a new user of that name. */
  password: Secret | undefined;
  /** Beside a name: of the new user. Only a site admin sets one. */
  email?: string | undefined;
  /** Ids of teams of the organization; `owners` makes an owner. */
  teams: readonly string[];
};

/**
 * Adds somebody to an organization: a user that there is, or with `password` a new one, who changes it after the first
 * sign-in. An owner learns here whether a user name is taken, which cannot be helped.
 */
export async function inviteMember(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  { organization, who, role, password, email: givenEmail, teams }: Invitation,
): Promise<Membership> {
  await requireOwner(database, actor, organization);
  const newEmail = 'username' in who ? givenEmail : undefined;
  if (newEmail !== undefined) requireMaySetEmail(actor, password);
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  const now = clock.now();
  return inTransaction(database, (transaction) => {
    const user =
      'username' in who && passwordHash !== undefined
        ? insertUser(
            transaction,
            { username: who.username, passwordHash, isSiteAdmin: false, email: newEmail },
            { actor, organization },
            now,
          )
        : findInvited(transaction, who);
    const { id: userId, username, email } = user;
    const member = { organization, user: { userId, username, email }, role };
    const membership = insertMembership(transaction, actor, member, now);
    for (const id of teams)
      addMember(transaction, actor, requireTeamOf(transaction, organization, id), membership, now);
    return findMembership(transaction, organization, userId) ?? membership;
  });
}

/** An address is never dropped without a word: who gives one believes that invitations go by it. */
function requireMaySetEmail(actor: Actor, password: Secret | undefined): void {
  const pointer = '/data/attributes/email';
  if (password === undefined) {
    const message = 'Send username or email, not both: a user that there is keeps their address.';
    throw new GatehouseError('invalid_request', message, { pointer });
  }
  if (actor.isSiteAdmin) return;
  const message = 'Only a site admin sets e-mail addresses, since nobody else checks them. Send no email.';
  throw new GatehouseError('invalid_request', message, { pointer });
}

function findInvited(transaction: Transaction, who: Invitation['who']): User {
  const user = 'username' in who ? findUserByName(transaction, who.username) : findUserByEmail(transaction, who.email);
  if (user !== undefined) return user;
  const [field, given] = 'username' in who ? ['username', who.username] : ['email', who.email];
  const help =
    field === 'username'
      ? 'To make one, send an initial password too.'
      : 'Gatehouse sends no mail. Send a username instead, and for a new user an initial password too.';
  throw new GatehouseError('invalid_request', `There is no user "${given}". ${help}`, {
    pointer: `/data/attributes/${field}`,
  });
}

function requireTeamOf(transaction: Transaction, organization: string, id: string): Team {
  const team = findTeam(transaction, id);
  if (team !== undefined && team.organization === organization) return team;
  throw new GatehouseError('invalid_request', `There is no team ${id.slice(0, 100)} in ${organization}.`, {
    pointer: '/data/relationships/teams',
  });
}
