import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startApi } from './running-api.ts';

/** The table of docs/api.md says what is served of the TFE API: it is held against the routes. */
type Row = { method: string; path: string; verdict: string; remark: string };

const rowPattern = /^\| `([A-Z ]+) (\/\S+)` \| (yes|partly|no) \| (.*?) ?\|$/gm;
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function setup(): Promise<{ rows: Row[]; served: Set<string> }> {
  const page = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(rowPattern)].flatMap(([, methods = '', path = '', verdict = '', remark = '']) =>
    methods.split(' ').map((method) => ({ method, path, verdict, remark })),
  );
  const { paths } = document.parse(JSON.parse((await api.ask({ url: '/api/v2/openapi.json' })).text));
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, ':x')}`),
  );
  return { rows, served: new Set(served) };
}

const routeOf = ({ method, path }: Row) => `${method} /api/v2${path}`;

test('what it says to be there is served, and what it says to be missing is not', async () => {
  const { rows, served } = await setup();
  expect(rows.length).toBeGreaterThan(120);
  const untrue = rows.filter((row) => served.has(routeOf(row)) === (row.verdict === 'no')).map(routeOf);
  expect(untrue).toEqual([]);
});

test('it names each endpoint once, and says what is left out of one that is partly there', async () => {
  const { rows } = await setup();
  const routes = rows.map(routeOf);
  expect(routes.filter((route, at) => routes.indexOf(route) !== at)).toEqual([]);
  expect(rows.filter(({ verdict, remark }) => verdict === 'partly' && remark === '').map(routeOf)).toEqual([]);
});
