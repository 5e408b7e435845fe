import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter, Route, Routes, useLocation } from 'react-router';
import { createApi } from '../../src/api-client/api.ts';
import { createServerClock } from '../../src/api-client/server-clock.ts';
import { LiveProvider } from '../../src/features/live/live-provider.tsx';
import { SessionProvider } from '../../src/features/session/current-session.tsx';
import { ServicesProvider } from '../../src/features/session/services.tsx';
import { PageTheme } from '../../src/theme/page-theme.tsx';

/** What one request asked for. */
export type Sent = { method: string; path: string; body: unknown };
/** An answer's body; undefined: 204. A Response is answered as it is. */
type Answer = (sent: Sent) => unknown;

/**
 * A page as alice sees it, over an api that answers as told: by `GET /organizations/acme/vars` and the like, without the
 * query. What nothing is told of is not found.
 */
export function stagePage(options: {
  page: ReactNode;
  path: string;
  address: string;
  isOwner: boolean;
  answers: Record<string, Answer>;
}) {
  const sent: Sent[] = [];
  const answers = { ...options.answers };
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const method = init?.method ?? 'GET';
    const path = decodeURIComponent(url.replace('/api/v2', ''));
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    sent.push({ method, path, body });
    const answer = answers[`${method} ${path.split('?')[0]}`];
    if (answer === undefined) return refusal(404, 'not_found', 'There is nothing.');
    const given = await answer({ method, path, body });
    if (given instanceof Response) return given;
    return given === undefined ? new Response(null, { status: 204 }) : Response.json(given);
  };
  const clock = createServerClock();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = {
    who: { userId: 'user-alice', username: 'alice', isSiteAdmin: false, expiresAt: Date.now() + 3_600_000 },
    organizations: [{ name: 'acme', isOwner: options.isOwner }],
  };
  const closed = { tryNow: () => {}, close: () => {} };
  render(
    <PageTheme>
      <QueryClientProvider client={queries}>
        <ServicesProvider services={{ api: createApi({ fetch, clock }), fetch, clock }}>
          <SessionProvider session={session}>
            <LiveProvider open={() => closed}>
              <MemoryRouter initialEntries={[options.address]}>
                <Routes>
                  <Route path={options.path} element={options.page} />
                  <Route path="*" element={<p>Elsewhere</p>} />
                </Routes>
                <Address />
              </MemoryRouter>
            </LiveProvider>
          </SessionProvider>
        </ServicesProvider>
      </QueryClientProvider>
    </PageTheme>,
  );
  return {
    sent,
    answers,
    /** Something has changed, as the stream of events would tell. */
    refresh: () => queries.invalidateQueries(),
    /** All that the page would still know of what was sent and answered. */
    remembered: () =>
      JSON.stringify([
        queries
          .getQueryCache()
          .getAll()
          .map(({ state }) => state),
        queries
          .getMutationCache()
          .getAll()
          .map(({ state }) => state),
      ]),
    cached: () =>
      JSON.stringify(
        queries
          .getQueryCache()
          .getAll()
          .map(({ state }) => state.data),
      ),
    writes: () => sent.filter(({ method }) => method !== 'GET'),
  };
}

function Address() {
  const { pathname, search } = useLocation();
  return <span data-testid="address">{`${pathname}${search}`}</span>;
}

export function refusal(status: number, code: string, detail: string, pointer?: string): Response {
  const source = pointer === undefined ? {} : { source: { pointer } };
  return Response.json({ errors: [{ code, title: code, detail, ...source }] }, { status });
}

export function list(data: readonly unknown[], totalCount: number = data.length) {
  return { data, meta: { pagination: { 'total-count': totalCount } } };
}

export const aTime = '2026-05-03T12:00:00.000Z';

export function aWorkspace(attributes: Record<string, unknown> = {}) {
  return {
    id: 'ws-1',
    type: 'workspaces',
    attributes: {
      name: 'network-prod',
      description: '',
      'auto-apply': false,
      'terraform-version': 'latest',
      'working-directory': '',
      locked: false,
      'lock-reason': null,
      'resource-count': 3,
      'updated-at': aTime,
      'mfa-level': 'never',
      'role-arn': null,
      'plan-session-policy': null,
      'plan-policy-arns': null,
      'session-duration-seconds': null,
      'role-max-session-seconds': null,
      'accepted-identities': 'organization',
      'aws-credentials-delivery': 'endpoint',
      'structured-run-output-enabled': false,
      ...attributes,
    },
    relationships: { organization: { data: { id: 'acme' } }, 'locked-by': { data: null } },
  };
}

export function aVariable(key: string, attributes: Record<string, unknown> = {}) {
  const shown = { value: 'a value', category: 'env', sensitive: false, hcl: false, description: '' };
  return { id: `var-${key}`, type: 'vars', attributes: { key, ...shown, 'updated-at': aTime, ...attributes } };
}

export function aMember(username: string, role: 'owner' | 'member') {
  return {
    id: `ou-${username}`,
    type: 'organization-memberships',
    attributes: { username, role, 'created-at': aTime },
    relationships: { user: { data: { id: `user-${username}` } } },
  };
}

export function aRun(id: string, attributes: Record<string, unknown> = {}) {
  return {
    id,
    type: 'runs',
    attributes: {
      actions: {
        'is-cancelable': true,
        'is-confirmable': false,
        'is-discardable': true,
        'is-authenticatable': false,
        'is-session-revocable': false,
      },
      permissions: {
        'can-apply': true,
        'can-cancel': true,
        'can-discard': true,
        'can-force-cancel': false,
        'can-revoke-session': false,
      },
      'gatehouse-status': 'applied',
      'end-reason': null,
      'end-message': null,
      'mfa-level': 'never',
      mfa: null,
      session: null,
      version: 1,
      message: '',
      source: 'terraform+cloud',
      'is-destroy': false,
      'plan-only': false,
      'save-plan': false,
      'structured-output': false,
      refresh: true,
      'refresh-only': false,
      'auto-apply': false,
      'target-addrs': [],
      'replace-addrs': [],
      'terraform-version': 'latest',
      organization: 'acme',
      'workspace-id': 'ws-1',
      'workspace-name': 'network-prod',
      'created-by': 'bob',
      'created-at': aTime,
      'ended-at': null,
      'cancel-requested-at': null,
      'force-cancel-available-at': null,
      'who-may-authenticate': [],
      'behind-run-id': null,
      'queue-position': null,
      'plan-counts': null,
      'apply-counts': null,
      destroys: false,
      'confirm-name-required': false,
      ...attributes,
    },
    relationships: { plan: { data: null }, 'configuration-version': { data: null } },
  };
}

export function anIdentity(attributes: Record<string, unknown> = {}) {
  return {
    id: 'awsid-1',
    type: 'aws-identities',
    attributes: {
      organization: 'acme',
      'access-key-id': 'AKIAIOSFODNN7EXAMPLE',
      serial: 'arn:aws:iam::********4821:mfa/alice',
      label: '…4821:mfa/alice',
      arn: 'arn:aws:iam::123456784821:user/alice',
      'created-at': aTime,
      'checked-at': aTime,
      ...attributes,
    },
  };
}

export function probe(name: string, outcome: string, attributes: Record<string, unknown> = {}) {
  return { probe: name, outcome, finding: null, title: `About ${name}`, detail: '', policy: null, ...attributes };
}

export function aCheck(results: readonly object[], state: 'waiting' | 'claimed' | 'finished' = 'finished') {
  const attributes = { state, results, identity: 'organization', 'workspace-id': null, 'created-at': aTime };
  return { data: { id: 'awschk-1', type: 'aws-checks', attributes } };
}

/** An hour for either phase, of which no earlier run is known. */
export function anAwsSession(changes: { plan?: object; apply?: object; trust?: object } = {}) {
  const forecast = {
    'earlier-runs': 0,
    'p95-seconds': null,
    'duration-seconds': 3600,
    'expected-seconds': null,
    'limit-seconds': 129600,
    'is-enough': true,
  };
  const phases = { plan: { ...forecast, ...changes.plan }, apply: { ...forecast, ...changes.apply } };
  return { data: { id: 'ws-1', type: 'aws-sessions', attributes: { ...phases, trust: changes.trust ?? null } } };
}
