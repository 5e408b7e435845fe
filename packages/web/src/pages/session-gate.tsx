import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { ApiError, isApiError } from '../api-client/api-error.ts';
import { listOrganizations } from '../api-client/organizations.ts';
import { readSession } from '../api-client/session.ts';
import { ErrorState } from '../components/error-state.tsx';
import { LoadingState } from '../components/loading-state.tsx';
import { queryKeys } from '../features/live/query-keys.ts';
import { SessionProvider } from '../features/session/current-session.tsx';
import { signInPath } from '../features/session/next-path.ts';
import { useServices } from '../features/session/services.tsx';
import { SignInAgain } from '../features/session/sign-in-again.tsx';

/**
 * Lets in who is signed in. Who comes without a session goes to sign in and comes back; whose session ends while a page
 * is open signs in over it.
 */
export function SessionGate({
  isSignedOut,
  onSignedIn,
  children,
}: {
  /** An answer said so, after the session was read. */
  isSignedOut: boolean;
  onSignedIn(): void;
  children: ReactNode;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const location = useLocation();
  const session = useQuery({ queryKey: queryKeys.session(), queryFn: () => readSession(api), staleTime: Infinity });
  const organizations = useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => listOrganizations(api, signal),
    enabled: session.isSuccess,
    staleTime: 60_000,
  });
  if (session.isError && isApiError(session.error, 'unauthorized')) {
    return <Navigate to={signInPath(location)} replace />;
  }
  const failed = session.error ?? (organizations.data === undefined ? organizations.error : null);
  if (failed !== null) {
    return (
      <ErrorState
        title={failed instanceof ApiError ? failed.title : 'The page could not start'}
        detail={failed instanceof ApiError ? failed.detail : 'Load it anew.'}
        onRetry={() =>
          void queries.refetchQueries({ queryKey: session.isError ? queryKeys.session() : ['organizations'] })
        }
      />
    );
  }
  if (session.data === undefined || organizations.data === undefined) return <LoadingState what="Gatehouse" />;
  return (
    <SessionProvider session={{ who: session.data, organizations: organizations.data }}>
      {children}
      {isSignedOut && (
        <SignInAgain
          username={session.data.username}
          onSignedIn={(who) => {
            queries.setQueryData(queryKeys.session(), who);
            onSignedIn();
            void queries.invalidateQueries();
          }}
        />
      )}
    </SessionProvider>
  );
}
