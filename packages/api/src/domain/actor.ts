import { isId } from '@gatehouse/shared/ids';

/** Who asks: a person or a script, signed in on the page or with an API token. */
export type Actor = {
  userId: string;
  username: string;
  isSiteAdmin: boolean;
  /**
   * `session`: the web page. `token`: an API token of a person, so a script or the terraform CLI. The others are tokens
   * of a team or of an organization, which act as a service account.
   */
  via: 'session' | 'token' | 'team-token' | 'organization-token';
};

/** Whether a person is behind it, not the service account of a team or an organization. */
export function isPerson({ via }: Pick<Actor, 'via'>): boolean {
  return via === 'session' || via === 'token';
}

/** How a token of a user acts. `serviceOf`: of the user's row. */
export function viaToken(serviceOf: string | null): Actor['via'] {
  if (serviceOf === null) return 'token';
  return isId('team', serviceOf) ? 'team-token' : 'organization-token';
}
