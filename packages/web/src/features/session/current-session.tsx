import { createContext, type ReactNode, useContext } from 'react';
import type { Organization } from '../../api-client/organizations.ts';
import type { SignedIn } from '../../api-client/session.ts';

export type CurrentSession = { who: SignedIn; organizations: readonly Organization[] };

const SessionContext = createContext<CurrentSession | undefined>(undefined);

export function SessionProvider({ session, children }: { session: CurrentSession; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** Who is signed in; every page but the sign-in has one. */
export function useSession(): CurrentSession {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('A page for those who are signed in stands outside of its gate.');
  return session;
}
