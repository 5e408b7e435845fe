import { expect, test } from 'vitest';
import { createApi } from '../../src/api-client/api.ts';
import { readEnvironment } from '../../src/api-client/environments.ts';
import { createServerClock } from '../../src/api-client/server-clock.ts';
import { aWorkspace } from '../pages/page-stage.tsx';

function setup(holder: { id: string; type: string } | null) {
  const { relationships, ...rest } = aWorkspace({ locked: holder !== null, 'lock-reason': null });
  const data = { ...rest, relationships: { ...relationships, 'locked-by': { data: holder } } };
  const api = createApi({ fetch: async () => Response.json({ data }), clock: createServerClock() });
  return readEnvironment(api, 'acme', 'network-prod');
}

test('an environment has the lock that a person set; that a run holds it is no lock to open', async () => {
  expect((await setup({ id: 'user-1', type: 'users' })).lock).toEqual({ userId: 'user-1', reason: '' });
  expect((await setup({ id: 'run-1', type: 'runs' })).lock).toBeUndefined();
  expect((await setup(null)).lock).toBeUndefined();
});
