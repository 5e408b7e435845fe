import { afterAll, beforeAll, expect } from 'vitest';
import type { Route } from '../../../packages/api/test/route-table.ts';
import { row } from '../../suites/row.ts';
import { accessOf, answerTo, linesWithoutRoute } from './access.ts';
import { type ActorName, actorNames } from './actors.ts';
import { type AskedWorld, startAskedWorld } from './asked-world.ts';
import { requestOf } from './asking.ts';

let world: AskedWorld;
beforeAll(async () => {
  world = await startAskedWorld();
});
afterAll(() => world.close());

/** What the world has none of, so that who may ask is told so. */
const absent = new Set([
  'GET /api/v2/plans/:id/json-output-redacted',
  'GET /api/v2/plans/:id/json-output',
  'GET /api/v2/state-versions/:id/json-download',
  'GET /api/v2/applies/:id/errored-state',
  'PATCH /api/v2/workspaces/:id/state-versions',
  'GET /api/v2/session',
  'GET /api/worker/v1/runs/:runId/plan-artifact',
]);

async function ask(route: Route, actor: ActorName): Promise<{ status: number; text: string }> {
  const { acme, url } = world;
  const isState = ['current-state-version', 'current-state-version-outputs'].some((end) => route.url.endsWith(end));
  const runs = actor === 'ended job token' ? acme.ended.run.id : runFor(route);
  const workspaces = isState ? acme.applying.workspace.id : (acme.things['workspaces'] ?? '');
  const { path, init } = requestOf(route, { ...acme.things, runs, workspaces });
  const answer = await fetch(url + path, {
    ...init,
    redirect: 'manual',
    headers: { ...init.headers, ...world.actors[actor] },
  });
  const isEndless = answer.headers.get('content-type')?.includes('event-stream') === true;
  if (isEndless) await answer.body?.cancel();
  return { status: answer.status, text: isEndless ? '' : await answer.text() };
}

function runFor(route: Route): string {
  const { acme } = world;
  return (accessOf(route)?.startsWith('the apply') ? acme.applying : acme.planning).run.id;
}

/** What is wrong with the answer; undefined: nothing. */
async function faultOf(route: Route, actor: ActorName): Promise<string | undefined> {
  const access = accessOf(route);
  if (access === undefined) return `${route.name} is not in the table of who may ask what`;
  const expected = answerTo(actor, route.method, access);
  const { status, text } = await ask(route, actor);
  const changed = world.tables.changed();
  if (changed.length > 0) world.tables.restore();
  const said = `${route.name} asked by ${actor} (for ${access}): ${status} ${text.slice(0, 160)}`;
  if (expected !== 'allowed') {
    if (status !== expected) return `${said}; expected ${expected}`;
    return changed.length > 0 ? `${said}; it changed ${changed.join()}` : undefined;
  }
  const isRefused = status === 401 || status === 403 || (status === 404 && !absent.has(route.name) && isOurs(route));
  return isRefused || status === 500 ? `${said}; expected to be let in` : undefined;
}

/** Of a library's pages only the refusals are looked at. */
const isOurs = ({ url }: Route) => url.startsWith('/api/') && !url.startsWith('/api/v2/docs');

row(
  {
    area: 'API: rights',
    harm: 'a route that nobody has thought of',
    holds: 'every route that the api registers is in the table of who may ask it, and the table has no others',
    isChosen: true,
  },
  () => {
    expect(world.routes.length).toBeGreaterThan(150);
    expect(world.routes.filter((route) => accessOf(route) === undefined).map(({ name }) => name)).toEqual([]);
    expect(linesWithoutRoute(world.routes)).toEqual([]);
  },
);

for (const actor of actorNames) {
  row(
    {
      area: 'API: rights',
      harm: 'every route, with the real ids of an organization',
      when: actor,
      holds: 'only what the table allows is answered; else 401, 403 or 404 as it says, and nothing is changed',
      isChosen: true,
    },
    async () => {
      const faults: string[] = [];
      for (const route of world.routes) {
        const fault = await faultOf(route, actor);
        if (fault !== undefined) faults.push(fault);
      }
      expect(faults).toEqual([]);
    },
  );
}
