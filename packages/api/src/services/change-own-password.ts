import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../domain/actor.ts';
import { hashPassword, verifyPassword } from '../domain/password-hash.ts';
import { strikeGuess } from '../store/guesses.ts';
import { changePassword, findUser } from '../store/users.ts';
import { notePasswordGuess, type PasswordGuessDependencies } from './guess-limits.ts';

/**
 * Throws `invalid_request` when the current password is wrong, and `too_many_requests` to a sign-in that guesses at it, or
 * to API tokens that do; other sign-ins of the same person are counted for themselves. Other sign-ins end; API tokens stay.
 */
export async function changeOwnPassword(
  dependencies: PasswordGuessDependencies,
  actor: Actor,
  input: { currentPassword: Secret; newPassword: Secret; keptSessionId: string | undefined },
): Promise<void> {
  const { database, clock } = dependencies;
  const user = await findUser(database, actor.userId);
  const guessId = notePasswordGuess(dependencies, {
    // No name has such a beginning: tries here are not tries to sign in, and keep nobody from that.
    account: `of:${actor.userId}`,
    source: input.keptSessionId ?? `tokens of ${actor.userId}`,
    isKnown: true,
  });
  if (!(await verifyPassword(input.currentPassword, user?.passwordHash ?? undefined))) {
    throw new GatehouseError('invalid_request', 'The current password is wrong.', {
      pointer: '/data/attributes/current_password',
    });
  }
  strikeGuess(database, guessId);
  const passwordHash = await hashPassword(input.newPassword);
  await changePassword(database, actor, { passwordHash, keptSessionId: input.keptSessionId }, clock.now());
}
