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
};

// Object.keys forgets that the keys are the names.
const names = Object.keys(pagePaths) as readonly PageName[];

/** Every address of Gatehouse. `signedOut` counts the answers that said so. */
export function App({ signedOut }: { signedOut: number }) {
  const [answered, setAnswered] = useState(0);
  return (
    <Suspense fallback={<LoadingState what="the page" />}>
      <Routes>
        <Route path={signInPattern} element={<SignInPage />} />
        <Route
          element={
            <SessionGate isSignedOut={signedOut > answered} onSignedIn={() => setAnswered(signedOut)}>
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
