import { z } from 'zod';
import type { User } from '../store/users.ts';
import { resourceSchema } from './json-api.ts';

/** A user as others see one: who queued a run, locked a workspace, said something. */
export const personSchema = resourceSchema('users', { username: z.string(), 'is-service-account': z.boolean() });

export function personResource({ id, username }: Pick<User, 'id' | 'username'>): z.input<typeof personSchema> {
  return { id, type: 'users', attributes: { username, 'is-service-account': false } };
}
