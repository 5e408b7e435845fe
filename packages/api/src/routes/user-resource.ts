import { z } from 'zod';
import type { User } from '../store/users.ts';
import { resourceSchema, timestamp, timestampOf } from './json-api.ts';

export const userSchema = resourceSchema('users', {
  username: z.string(),
  email: z.string().nullable(),
  'unconfirmed-email': z.null(),
  'avatar-url': z.null(),
  'is-service-account': z.boolean(),
  'is-site-admin': z.boolean(),
  'is-admin': z.boolean(),
  'is-sso-login': z.boolean(),
  'v2-only': z.boolean(),
  /** Of the sign-in to Gatehouse; the devices of AWS are another matter. */
  'two-factor': z.object({ enabled: z.boolean(), verified: z.boolean() }),
  /** Of the user that is shown. */
  permissions: z.object({
    'can-create-organizations': z.boolean(),
    'can-change-email': z.boolean(),
    'can-change-username': z.boolean(),
    'can-manage-user-tokens': z.boolean(),
    'can-view2fa-settings': z.boolean(),
    'can-manage-hcp-account': z.boolean(),
  }),
  'created-at': timestamp,
});

export function userResource(user: Omit<User, 'passwordHash'>): z.input<typeof userSchema> {
  const isPerson = user.serviceOf === null;
  return {
    id: user.id,
    type: 'users',
    attributes: {
      username: user.username,
      email: user.email,
      // Site admins set addresses, which nobody confirms.
      'unconfirmed-email': null,
      // A picture would come from a server elsewhere.
      'avatar-url': null,
      'is-service-account': !isPerson,
      'is-site-admin': user.isSiteAdmin,
      'is-admin': user.isSiteAdmin,
      'is-sso-login': false,
      'v2-only': true,
      'two-factor': { enabled: false, verified: false },
      permissions: {
        'can-create-organizations': user.isSiteAdmin,
        'can-change-email': user.isSiteAdmin,
        'can-change-username': isPerson,
        'can-manage-user-tokens': isPerson,
        'can-view2fa-settings': false,
        'can-manage-hcp-account': false,
      },
      'created-at': timestampOf(user.createdAt),
    },
  };
}
