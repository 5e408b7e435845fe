import './theme/page-theme.tsx';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { createApi } from './api-client/api.ts';
import { isApiError } from './api-client/api-error.ts';
import { createServerClock } from './api-client/server-clock.ts';
import { App } from './app.tsx';
import { ClockProvider } from './components/clock.tsx';
import { ServicesProvider } from './features/session/services.tsx';
import { PageTheme } from './theme/page-theme.tsx';

const clock = createServerClock();
const signedOut = counter();
const fetch = window.fetch.bind(window);
const services = { api: createApi({ fetch, clock, onSignedOut: signedOut.add }), fetch, clock };
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one. What did not come through is asked again, after 1, 2 and 4 s: an event tells of it once.
      retry: (failures, error) => failures < 3 && isPassing(error),
      staleTime: 5_000,
    },
    mutations: { retry: false },
  },
});

/** Not reached, or too busy: the next try may come through. */
function isPassing(error: unknown): boolean {
  return isApiError(error) && ['unreachable', 'unavailable', 'too_many_requests'].includes(error.code);
}

function Root() {
  const signedOutCount = useSyncExternalStore(signedOut.subscribe, signedOut.count);
  return (
    <PageTheme>
      <QueryClientProvider client={queries}>
        <ServicesProvider services={services}>
          <ClockProvider now={clock.now}>
            <BrowserRouter>
              <App signedOut={signedOutCount} />
            </BrowserRouter>
          </ClockProvider>
        </ServicesProvider>
      </QueryClientProvider>
    </PageTheme>
  );
}

/** Outside of React, since it is a request that is told. */
function counter() {
  let value = 0;
  const listeners = new Set<() => void>();
  return {
    add: () => {
      value += 1;
      for (const listener of listeners) listener();
    },
    count: () => value,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');
createRoot(root).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
