import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { sampleOf, shapeOf } from '../fuzz/sample.ts';
import type { ActorName } from './actors.ts';
import { type AskedWorld, startAskedWorld } from './asked-world.ts';
import { requestOf } from './asking.ts';

let world: AskedWorld;
beforeAll(async () => {
  world = await startAskedWorld();
});
afterAll(() => world.close());

const planted = 'planted-by-the-caller';
/** What no client may set anywhere, beside everything that the database knows of. */
const wished = [
  'id',
  'type',
  'owner',
  'role',
  'permissions',
  'is-admin',
  'is-site-admin',
  'site-admin',
  'organization-id',
];

function columns(): string[] {
  const names = world.file
    .prepare("select distinct c.name as name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'")
    .all()
    .map(({ name }) => String(name));
  return [...names, ...names.map((name) => name.replaceAll('_', '-'))];
}

/** How often the values stand in the database. */
function cellsWith(values: ReadonlySet<unknown>): number {
  const names = world.file
    .prepare("select name from sqlite_master where type = 'table' and name <> 'audit_records'")
    .all();
  const rows = names.flatMap(({ name }) => world.file.prepare(`select * from "${String(name)}"`).all());
  return rows.flatMap((cells) => Object.values(cells)).filter((cell) => values.has(cell)).length;
}

function admins(): number {
  return Number(world.file.prepare('select count(*) as n from users where is_site_admin = 1').get()?.['n']);
}

for (const actor of ['owner', 'member', 'owner of another organization'] satisfies ActorName[]) {
  row(
    {
      area: 'API: mass assignment',
      harm: 'every write with all columns of the database as attributes, and relationships to things of others',
      when: actor,
      holds: 'no attribute that the route does not know takes effect, and nothing becomes part of another organization',
      isChosen: actor === 'owner',
    },
    async () => {
      const { acme, rival, url } = world;
      const foreign = actor === 'owner of another organization' ? acme.things : rival.things;
      const own = actor === 'owner of another organization' ? rival.things : acme.things;
      const ids = new Set<unknown>(
        Object.entries(foreign).flatMap(([key, id]) => (/^workspaceName$/.test(key) ? [] : [id])),
      );
      const [before, adminsBefore] = [cellsWith(ids), admins()];
      const relationships = Object.fromEntries(
        Object.entries(foreign).flatMap(([type, id]) => {
          const name = type.replace(/s$/, '');
          return [
            [name, { data: { type, id } }],
            [type, { data: [{ type, id }] }],
          ];
        }),
      );
      const faults: string[] = [];
      for (const route of world.routes.filter(({ url: path }) => path.startsWith('/api/'))) {
        const attributesShape = shapeOf(route.schema.body)?.properties?.['data']?.properties?.['attributes'];
        if (attributesShape === undefined) continue;
        const { path, init } = requestOf(route, own);
        const sent: unknown = JSON.parse(String(init.body));
        const data = Object(Object(sent).data);
        const known = Object.keys(attributesShape.properties ?? {});
        const unknown = [...wished, ...columns()].filter((name) => !known.includes(name));
        const minimal = data.attributes ?? sampleOf(attributesShape);
        const all = Object.fromEntries(unknown.map((name) => [name, planted]));
        // One by one where the route refuses what it does not know, so that none hides behind the refusal of another.
        const bodies = [
          { data: { ...data, id: planted, attributes: { ...all, ...minimal }, relationships } },
          { data: { ...data, attributes: minimal, relationships } },
          ...wished.map((name) => ({ data: { ...data, attributes: { ...minimal, [name]: true } } })),
          { ...all, data: { ...data, ...all, attributes: minimal } },
        ];
        for (const body of bodies) {
          const headers = { ...init.headers, ...world.actors[actor] };
          const answer = await fetch(url + path, { method: route.method, headers, body: JSON.stringify(body) });
          await answer.arrayBuffer();
          const said = `${route.name} ${answer.status} ${JSON.stringify(body).slice(0, 200)}`;
          if (answer.status === 500) faults.push(said);
          if (cellsWith(new Set([planted])) > 0) faults.push(`stored what was planted: ${said}`);
          if (cellsWith(ids) > before) faults.push(`tied to another organization: ${said}`);
          if (admins() !== adminsBefore) faults.push(`made a site admin: ${said}`);
          world.tables.restore();
        }
      }
      expect(faults).toEqual([]);
    },
  );
}
