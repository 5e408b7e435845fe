import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Secret } from '@gatehouse/shared/secret';
import type { Clock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { hashPassword, verifyPassword } from '../domain/password-hash.ts';
import type { Database } from '../store/database.ts';
import { changePassword, findUser } from '../store/users.ts';

/** Throws `invalid_request` when the current password is wrong. Other sign-ins end; API tokens stay. */
export async function changeOwnPassword(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  input: { currentPassword: Secret; newPassword: Secret; keptSessionId: string | undefined },
): Promise<void> {
  const user = await findUser(database, actor.userId);
  if (!(await verifyPassword(input.currentPassword, user?.passwordHash ?? undefined))) {
    throw new GatehouseError('invalid_request', 'The current password is wrong.', {
      pointer: '/data/attributes/current_password',
    });
  }
  const passwordHash = await hashPassword(input.newPassword);
  await changePassword(database, actor, { passwordHash, keptSessionId: input.keptSessionId }, clock.now());
}
