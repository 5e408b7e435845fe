import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Route } from '../../../packages/api/test/route-table.ts';
import { row } from '../../suites/row.ts';
import { isWholeSuite, suiteSeed } from '../../suites/suite.ts';
import { accessOf } from '../rights/access.ts';
import type { ActorName } from '../rights/actors.ts';
import { type AskedWorld, startAskedWorld } from '../rights/asked-world.ts';
import { requestOf } from '../rights/asking.ts';
import { bodyText, hostileText } from './hostile-values.ts';
import { shapeOf } from './sample.ts';

const numRuns = isWholeSuite ? 20 : 3;
let world: AskedWorld;
beforeAll(async () => {
  world = await startAskedWorld();
});
afterAll(() => world.close());

/** What an answer tells of the inside. */
const leak = /node_modules|\bat .{1,80}\.[tj]s:\d|SQLITE_|UNIQUE constraint|\/tmp\/|\/packages\/|better-sqlite|drizzle/;

/** Somebody who is let in. */
function whoMay(route: Route): ActorName {
  const access = accessOf(route);
  if (access === 'workers') return 'worker token';
  if (access === 'the plan') return 'job token of the run';
  if (access?.startsWith('the apply')) return 'job token of the run that applies';
  if (access === 'site admins') return 'site admin';
  return 'owner';
}

async function ask(route: Route, path: string, init: RequestInit): Promise<void> {
  const answer = await fetch(world.url + path, {
    ...init,
    redirect: 'manual',
    headers: { ...init.headers, ...world.actors[whoMay(route)] },
  });
  const isEndless = answer.headers.get('content-type')?.includes('event-stream') === true;
  if (isEndless) return answer.body?.cancel();
  const text = await answer.text();
  const said = `${init.method} ${path.slice(0, 300)} ${String(init.body).slice(0, 500)}: ${answer.status} ${text.slice(0, 300)}`;
  if (answer.status >= 500 && ![503, 504].includes(answer.status)) throw new Error(said);
  if (answer.status < 400) return;
  if (leak.test(text)) throw new Error(`It tells of the inside: ${said}`);
  if (!route.url.startsWith('/api/')) return;
  const errors: unknown = Object(JSON.parse(text))['errors'];
  if (!Array.isArray(errors) || errors.length === 0) throw new Error(`No error of JSON:API: ${said}`);
  for (const error of errors) {
    expect(error, said).toMatchObject({
      status: expect.any(String),
      code: expect.any(String),
      detail: expect.any(String),
    });
  }
}

/** Everything wrong that the routes do; each begins with the same world. */
async function faultsOf(property: (route: Route) => fc.IAsyncProperty<unknown> | undefined): Promise<string[]> {
  const faults: string[] = [];
  for (const route of world.routes.filter(({ url }) => !url.startsWith('/queue-raw'))) {
    const asked = property(route);
    if (asked === undefined) continue;
    const { failed, errorInstance } = await fc.check(asked, { seed: suiteSeed, numRuns, endOnFailure: true });
    if (failed) faults.push(`${route.name}: ${String(errorInstance).slice(0, 900)}`);
    world.tables.restore();
  }
  return faults;
}

async function stillAnswers(): Promise<void> {
  expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
  const logged = world.api.logLines.filter((line) => /"level":(?:50|60|"error"|"fatal")/.test(line));
  expect(logged.slice(0, 3)).toEqual([]);
}

const holds =
  'no answer is a failure of the api, each error has the form of JSON:API and tells nothing of the inside, ' +
  'the log holds no error, and the api answers on';

row(
  {
    area: 'API: fuzzing',
    harm: 'bodies made from the schema of each route, whole, bent and broken',
    holds,
    isChosen: true,
  },
  async () => {
    const faults = await faultsOf((route) => {
      const shape = shapeOf(route.schema.body);
      if (shape === undefined) return undefined;
      const { path, init } = requestOf(route, world.acme.things);
      const type = fc.constantFrom('application/json', 'application/vnd.api+json');
      return fc.asyncProperty(bodyText(shape), type, (body, contentType) =>
        ask(route, path, { ...init, method: route.method, body, headers: { 'content-type': contentType } }),
      );
    });
    expect(faults).toEqual([]);
    await stillAnswers();
  },
);

row(
  {
    area: 'API: fuzzing',
    harm: 'parameters of paths and queries that are no ids, names or numbers',
    holds,
    isChosen: true,
  },
  async () => {
    const faults = await faultsOf((route) => {
      const names = Object.keys(shapeOf(route.schema.querystring)?.properties ?? { none: {} });
      const query = fc.dictionary(fc.constantFrom(...names, '__proto__', 'page[size]', 'include'), hostileText, {
        maxKeys: 3,
      });
      return fc.asyncProperty(query, fc.option(hostileText, { nil: null }), (given, id) => {
        const { path, init } = requestOf(route, world.acme.things);
        const [bare = ''] = path.split('?');
        const segments = bare.split('/');
        const at = route.url.split('/').findLastIndex((segment) => segment.startsWith(':'));
        if (id !== null && at > 0) segments[at] = escaped(id);
        const text = Object.entries(given).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
        return ask(route, `${segments.join('/')}?${text.join('&')}`, init);
      });
    });
    expect(faults).toEqual([]);
    for (const [path, status] of [
      [`/api/v2/runs/${'x'.repeat(200)}`, 404],
      ['/api/v2/runs/%zz', 422],
    ] as const) {
      const answer = await fetch(world.url + path, { headers: world.actors.owner });
      expect(await answer.json()).toMatchObject({ errors: [{ status: String(status) }] });
      expect(answer.status).toBe(status);
    }
    await stillAnswers();
  },
);

/** Percent-encoded, short enough for a request line; a lone surrogate has no bytes of its own. */
function escaped(text: string): string {
  return encodeURIComponent(text.slice(0, 1000).toWellFormed()).replace(/^\.+$/, '%2e%2e');
}

row(
  { area: 'API: fuzzing', harm: 'bytes that are no configuration, state, plan or form', holds, isChosen: true },
  async () => {
    const kinds = [
      'application/octet-stream',
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'x',
    ];
    const faults = await faultsOf((route) => {
      if (route.method === 'GET') return undefined;
      const { path } = requestOf(route, world.acme.things);
      return fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...kinds), (bytes, kind) =>
        ask(route, path, { method: route.method, body: Buffer.from(bytes), headers: { 'content-type': kind } }),
      );
    });
    expect(faults).toEqual([]);
    await stillAnswers();
  },
);
