import type { Route } from '../../../packages/api/test/route-table.ts';
import { sampleOf, shapeOf } from '../fuzz/sample.ts';
import type { Things } from './rights-world.ts';

export type Asked = { path: string; init: RequestInit };

/** The route's path with real things in every parameter. Throws at a parameter that nobody has thought of. */
export function pathOf(route: Route, things: Things): string {
  return route.url
    .split('/')
    .map((segment, index, all) => {
      if (segment === '*') return 'index.html';
      if (!segment.startsWith(':')) return segment;
      return thing(segment, all.slice(0, index), things);
    })
    .join('/');
}

const fixed: Record<string, string> = {
  ':phase': 'plan',
  ':workerId': 'worker-1',
  ':queueName': 'runs',
  ':jobId': '1',
  ':queueStatus': 'failed',
  ':schedulerId': 'x',
  ':capability': 'forged.zzzzzz.0000000000000000000000000000000000000000000',
};

function thing(parameter: string, before: readonly string[], things: Things): string {
  const family = before.at(-1) ?? '';
  const key =
    parameter === ':organization'
      ? 'organization'
      : parameter === ':name'
        ? 'workspaceName'
        : parameter === ':variable'
          ? `${before.find((segment) => ['organizations', 'varsets'].includes(segment)) ?? 'workspaces'}/vars`
          : parameter === ':variableSet'
            ? 'varsets'
            : family;
  const found = fixed[parameter] ?? things[key];
  if (found === undefined) throw new Error(`Nothing real for ${parameter} behind ${before.join('/')}.`);
  return encodeURIComponent(found);
}

/** A request that the schemas of the route let through, so that it is the rights that decide. */
export function requestOf(route: Route, things: Things): Asked {
  const query = new URLSearchParams(queries(things)[route.name] ?? {}).toString();
  const path = `${pathOf(route, things)}${query === '' ? '' : `?${query}`}`;
  if (route.method === 'GET') return { path, init: { method: 'GET' } };
  const shape = shapeOf(route.schema.body);
  if (shape === undefined && route.method === 'PUT') {
    return { path, init: { method: 'PUT', body: '{}', headers: { 'content-type': 'application/octet-stream' } } };
  }
  const body = bodies(things)[route.name] ?? (shape === undefined ? undefined : sampleOf(shape));
  if (body === undefined) return { path, init: { method: route.method } };
  const headers = { 'content-type': 'application/json' };
  return { path, init: { method: route.method, headers, body: JSON.stringify(body) } };
}

/** Where the schema tells less than the route wants. */
function bodies(things: Things): Record<string, unknown> {
  const workspace = { type: 'workspaces', id: things['workspaces'] };
  return {
    'POST /api/v2/runs': { data: { relationships: { workspace: { data: workspace } } } },
    'PATCH /api/v2/workspaces/:id/state-versions': {
      data: {
        relationships: { 'rollback-state-version': { data: { type: 'state-versions', id: things['state-versions'] } } },
      },
    },
    'POST /api/v2/projects/:id/relationships/workspaces': { data: [workspace] },
    'POST /api/v2/tags/:id/relationships/workspaces': { data: [workspace] },
    'POST /api/v2/varsets/:id/relationships/workspaces': { data: [workspace] },
    'DELETE /api/v2/varsets/:id/relationships/workspaces': { data: [workspace] },
    'POST /api/v2/runs/:id/actions/authenticate': { 'token-code': '123456' },
    'POST /api/v2/organizations/:organization/actions/authenticate': {
      'token-code': '123456',
      'run-ids': [things['runs']],
    },
    'POST /api/v2/account/aws-identities': {
      data: {
        attributes: {
          organization: things['organization'],
          'access-key-id': 'AKIAIOSFODNN7EXAMPLE',
          'secret-access-key': 'not/a/real/secret/but/as/long/as/one1234',
          'mfa-serial-number': 'arn:aws:iam::123456789012:mfa/olga',
        },
      },
    },
    'POST /api/v2/organizations/:organization/organization-memberships': {
      data: { attributes: { username: 'uma', role: 'owner' } },
    },
    'PATCH /api/v2/organizations/:organization': { data: { attributes: { email: 'taken@example.com' } } },
    'POST /api/v2/workspaces/:id/notification-configurations': {
      data: {
        attributes: { name: 'theirs', 'destination-type': 'generic', url: 'https://example.com/theirs', triggers: [] },
      },
    },
  };
}

function queries(things: Things): Record<string, Record<string, string>> {
  return {
    'GET /api/v2/state-versions': {
      'filter[organization][name]': things['organization'] ?? '',
      'filter[workspace][name]': things['workspaceName'] ?? '',
    },
    'GET /api/v2/events': { organization: things['organization'] ?? '' },
  };
}
