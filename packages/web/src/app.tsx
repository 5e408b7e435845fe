import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useState } from 'react';
import { generatePath, Navigate, Route, Routes, useLocation, useParams } from 'react-router';
import { LoadingState } from './components/loading-state.tsx';
import { LiveShell } from './pages/live-shell.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { aliases, type PageName, pagePaths, signInPattern } from './pages/paths.ts';
import { SessionGate } from './pages/session-gate.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';

type LazyPage = LazyExoticComponent<ComponentType>;

/**
 * The page that each address shows, each in a file of its own that is loaded when it is gone to:
 * `run: lazy(() => import('./pages/run-page.tsx').then((file) => ({ default: file.RunPage })))`.
 * An address without one shows that there is nothing.
 */
const pages: { readonly [name in PageName]?: LazyPage } = {
  waiting: lazy(() => import('./pages/waiting-page.tsx').then((file) => ({ default: file.WaitingPage }))),
  run: lazy(() => import('./pages/run-page.tsx').then((file) => ({ default: file.RunPage }))),
  environments: lazy(() =>
    import('./pages/environments-page.tsx').then((file) => ({ default: file.EnvironmentsPage })),
  ),
  environment: lazy(() => import('./pages/environment-page.tsx').then((file) => ({ default: file.EnvironmentPage }))),
  settings: lazy(() =>
    import('./pages/environment-settings-page.tsx').then((file) => ({ default: file.EnvironmentSettingsPage })),
  ),
  variables: lazy(() =>
    import('./pages/environment-variables-page.tsx').then((file) => ({ default: file.EnvironmentVariablesPage })),
  ),
  states: lazy(() =>
    import('./pages/environment-states-page.tsx').then((file) => ({ default: file.EnvironmentStatesPage })),
  ),
  organizationVariables: lazy(() =>
    import('./pages/organization-variables-page.tsx').then((file) => ({ default: file.OrganizationVariablesPage })),
  ),
  members: lazy(() => import('./pages/members-page.tsx').then((file) => ({ default: file.MembersPage }))),
  audit: lazy(() => import('./pages/audit-page.tsx').then((file) => ({ default: file.AuditPage }))),
  queue: lazy(() => import('./pages/queue-page.tsx').then((file) => ({ default: file.QueuePage }))),
  tokens: lazy(() => import('./pages/account-page.tsx').then((file) => ({ default: file.AccountPage }))),
  authorization: lazy(() =>
    import('./pages/authorization-page.tsx').then((file) => ({ default: file.AuthorizationPage })),
  ),
};

// Object.keys forgets that the keys are the names.
const names = Object.keys(pagePaths) as readonly PageName[];

/** Every address of Gatehouse. `signedOut` counts the answers that said so. */
export function App({ signedOut }: { signedOut: number }) {
  const [answered, setAnswered] = useState(0);
  const onSignedIn = () => setAnswered(signedOut);
  return (
    <Suspense fallback={<LoadingState what="the page" />}>
      <Routes>
        <Route path={signInPattern} element={<SignInPage onSignedIn={onSignedIn} />} />
        <Route
          element={
            <SessionGate isSignedOut={signedOut > answered} onSignedIn={onSignedIn}>
              <LiveShell />
            </SessionGate>
          }
        >
          {names.map((name) => {
            const Page = pages[name] ?? NotFoundPage;
            return <Route key={name} path={pagePaths[name]} element={<Page />} />;
          })}
          {aliases.map(({ path, page }) => (
            <Route key={path} path={path} element={<Alias of={page} />} />
          ))}
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </Suspense>
  );
}

function Alias({ of }: { of: PageName }) {
  const { search, hash } = useLocation();
  const parameters = useParams();
  return <Navigate to={{ pathname: generatePath(pagePaths[of], parameters), search, hash }} replace />;
}
