import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { askAsOthers, askByCli, collect, lookAtPages } from './aftermath.ts';
import { allowed, kinds } from './canary-table.ts';
import { coreLimitOf } from './leavings.ts';
import { letPeopleIn } from './people.ts';
import { letThingsRun } from './runs.ts';
import { isCodeIn, type Leaving, search, unpacked } from './search.ts';
import { setSecrets } from './settings.ts';
import { newCanary, newControl, type Stage, setStage } from './stage.ts';

// A canary in every place where a secret is put goes through a whole story of people, runs, errors and a backup; then all
// that was written, said and shown is searched for it in every form.

let stage: Stage;
let left: Leaving[];
let canaries: Map<string, string>;
const setCoreLimit = (limit: string) =>
  promisify(execFile)('prlimit', [`--core=${limit}`, `--pid=${process.pid}`]).catch(() => undefined);
let ownLimit: string;

beforeAll(async () => {
  [, ownLimit] = await coreLimitOf(process.pid);
  // What is started from here would write core files, unless it refuses to.
  await setCoreLimit('unlimited');
  stage = await setStage();
  await setCoreLimit(ownLimit);
  await letPeopleIn(stage);
  const workspaceId = await setSecrets(stage);
  const run = await letThingsRun(stage, workspaceId);
  await askByCli(stage);
  await askAsOthers(stage, workspaceId, run.id);
  await lookAtPages(stage, run.id);
  ({ canaries } = stage);
  left = await collect(stage);
}, 400_000);
afterAll(() => stage?.strike());

for (const kind of kinds) {
  row(
    {
      area: 'Secrets: canaries',
      harm: `${kind}: used in a story of sign-ins, runs, errors, a dead Redis, the CLI, the page and a backup`,
      holds: `in no form in any log, error, page, file, process or key of Redis${kind in allowed ? `, but in ${allowed[kind]?.why}` : ''}`,
    },
    () => {
      const values = [...canaries].filter(([name]) => name === kind || name.startsWith(`${kind} (`));
      expect(values).not.toEqual([]);
      for (const [, value] of values) {
        expect(value.length).toBeGreaterThanOrEqual(16);
        expect(search(value, left).filter((found) => !allowed[kind]?.where(found))).toEqual([]);
      }
    },
  );
}

row(
  {
    area: 'Secrets: canaries',
    harm: 'codes that were right, wrong, used, lost and never answered',
    holds: 'nowhere, neither by themselves nor packed',
  },
  () => {
    expect(stage.codes.length).toBeGreaterThanOrEqual(6);
    for (const code of stage.codes) {
      expect(left.filter(({ bytes }) => isCodeIn(bytes, code)).map(({ place, name }) => `${place}: ${name}`)).toEqual(
        [],
      );
    }
  },
);

for (const place of [
  'logs of runs',
  'errors',
  'answers to others',
  'processes',
  'keys of Redis',
  'what Redis was sent',
  'pages',
  'terminals',
  'notifications',
  'files while it runs',
  'files afterwards',
]) {
  row(
    {
      area: 'Secrets: canaries',
      harm: `the searcher looks into: ${place}`,
      holds: 'it finds a name that is no secret',
    },
    () => {
      // Errors repeat nothing that they were sent: they are known by their own words.
      const known = place === 'errors' ? 'Invalid request' : stage.control;
      expect(search(known, left).filter((found) => found.place === place)).not.toEqual([]);
    },
  );
}

row(
  {
    area: 'Secrets: canaries',
    harm: 'the searcher looks into logs of each process, database, write-ahead log, append-only file and backup',
    holds: 'it finds a name that is no secret in each',
  },
  () => {
    const names = new Set(search(stage.control, left).map(({ name }) => name));
    for (const file of [
      /gatehouse\.db$/,
      /gatehouse\.db-wal$/,
      /appendonly.*\.aof$/,
      /^backup\.tgz > packed/,
      /^logs\/api\.log$/,
    ]) {
      expect(
        [...names].filter((name) => file.test(name)),
        String(file),
      ).not.toEqual([]);
    }
    expect(left.filter(({ name }) => /^api\/blobs\//.test(name)).length).toBeGreaterThan(5);
    expect(
      left.filter(({ name }) => /^logs\/(worker|redis|sts-emulator)\.log$/.test(name)).length,
    ).toBeGreaterThanOrEqual(3);
  },
);

row(
  {
    area: 'Secrets: canaries',
    harm: 'a canary in each form, bare and packed in gzip, zlib and one in the other, behind other bytes',
    holds: 'the searcher finds each',
  },
  () => {
    const value = `${newCanary()} "<&>'é`;
    const bytes = Buffer.from(value);
    const forms: Record<string, Buffer> = {
      raw: bytes,
      ...Object.fromEntries(
        ['', 'a', 'ab'].map((before) => [
          `base64 behind ${before.length}`,
          Buffer.from(Buffer.from(before + value).toString('base64')),
        ]),
      ),
      base64url: Buffer.from(bytes.toString('base64url')),
      hex: Buffer.from(bytes.toString('hex')),
      HEX: Buffer.from(bytes.toString('hex').toUpperCase()),
      URL: Buffer.from(encodeURIComponent(value)),
      JSON: Buffer.from(JSON.stringify(value)),
      HTML: Buffer.from(
        value
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;')
          .replaceAll("'", '&#39;'),
      ),
      'UTF-16LE': Buffer.from(value, 'utf16le'),
      reversed: Buffer.from([...value].reverse().join('')),
      numbers: Buffer.from(JSON.stringify(bytes.toJSON().data)),
    };
    const packers: Record<string, (inner: Buffer) => Buffer> = {
      bare: (inner) => inner,
      gzip: (inner) => gzipSync(inner),
      zlib: (inner) => deflateSync(inner),
      'gzip in zlib': (inner) => deflateSync(gzipSync(inner)),
    };
    const other = Buffer.from(newControl());
    for (const [form, inner] of Object.entries(forms)) {
      for (const [packer, pack] of Object.entries(packers)) {
        const leaving = {
          place: 'here',
          name: 'x',
          bytes: Buffer.concat([other, pack(Buffer.concat([other, inner])), other]),
        };
        expect(search(value, unpacked(leaving)), `${form} ${packer}`).not.toEqual([]);
        expect(search(newCanary(), unpacked(leaving))).toEqual([]);
      }
    }
    expect(isCodeIn(Buffer.from('{"token-code":"123456"}'), '123456')).toBe(true);
    expect(isCodeIn(Buffer.from('at 1795123456 and 0.123456'), '123456')).toBe(false);
  },
);

row(
  {
    area: 'Secrets: memory',
    harm: 'the limit of core files is taken from the service',
    when: 'while a plan runs',
    holds: 'the worker and every process of the run may write none all the same',
  },
  () => {
    const names = [...stage.coreLimits.keys()].join(' ');
    expect(names).toMatch(/terraform/);
    expect(stage.coreLimits.size).toBeGreaterThan(4);
    expect([...stage.coreLimits].filter(([, limit]) => limit !== '0' && limit !== 'gone')).toEqual([]);
  },
);
