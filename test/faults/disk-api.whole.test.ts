import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { readRun, waitForRun } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { row } from '../suites/row.ts';
import { type FaultRun, type FaultWorld, startFaultWorld } from './fault-world.ts';
import { mayMount, mountSmallDisk, type SmallDisk } from './small-disk.ts';
import { resourcesIn } from './tally.ts';
import { tallyRows } from './tally-rows.ts';

// The disk of the api: full, locked, refusing, rotten. One world after another's harm: each leaves it as it was.

const area = 'Disk of the api';
/** Longer than a worker may be silent. */
const longMs = 40_000;

if (!mayMount) process.stderr.write('NOT TRIED: filling the disk of the api, since only root may mount a small one.\n');

describe.runIf(mayMount)('the disk of the api', () => {
  let world: FaultWorld;
  let disk: SmallDisk;
  beforeAll(async () => {
    disk = await mountSmallDisk(64);
    world = await startFaultWorld({ apiEnvironment: { GATEHOUSE_DATA_DIR: path.join(disk.folder, 'api') } });
  });
  afterAll(async () => {
    await world?.stop();
    await disk?.unmount();
  });

  const status = async (run: FaultRun) => (await readRun(world.api, run.id)).attributes['gatehouse-status'];
  /** It refuses requests while it is late with everything. */
  const answersAgain = () =>
    vi.waitUntil(
      async () =>
        (await world.api.request('GET', `/api/v2/organizations/${world.stack.dev.organization}`)).status === 200,
      {
        timeout: 30_000,
        interval: 200,
      },
    );
  const database = () => path.join(disk.folder, 'api', 'gatehouse.db');

  /** Two runs in the middle of a plan and of an apply. */
  async function inTheMiddle(name: string): Promise<{ planning: FaultRun; applying: FaultRun }> {
    const { effects } = world;
    effects.hold(`/${name}-planning/plan`);
    effects.hold(`/${name}-applying/apply`);
    const [planning, applying] = [await world.queue(`${name}-planning`), await world.queue(`${name}-applying`)];
    await Promise.all([effects.reached(`/${name}-planning/plan`), effects.reached(`/${name}-applying/apply`)]);
    return { planning, applying };
  }
  function goOn({ planning, applying }: { planning: FaultRun; applying: FaultRun }): void {
    world.effects.release(`/${planning.name}/plan`);
    world.effects.release(`/${applying.name}/apply`);
  }

  describe('full for longer than a worker may be silent', () => {
    const harm = 'the disk of the api is full for longer than a worker may be silent';
    let runs: Awaited<ReturnType<typeof inTheMiddle>>;
    let uploading: FaultRun;
    let refused: { status: number; body: unknown };
    beforeAll(async () => {
      const workspace = await world.workspace('full-create');
      runs = await inTheMiddle('full');
      world.effects.hold('/full-upload/plan');
      uploading = await world.queue('full-upload');
      await world.effects.reached('/full-upload/plan');
      await disk.fill();
      refused = await world.api.request('POST', `/api/v2/workspaces/${workspace}/configuration-versions`, {
        data: { type: 'configuration-versions', attributes: { 'auto-queue-runs': false } },
      });
      world.effects.release(`/${uploading.name}/plan`);
      world.effects.release(`/${runs.applying.name}/apply`);
      await delay(longMs);
      await disk.free();
      world.effects.release(`/${runs.planning.name}/plan`);
    }, 240_000);

    row({ area, harm, when: 'a request that writes', holds: 'it is refused as unavailable, in words' }, () => {
      expect(refused).toMatchObject({ status: 503, body: { errors: [{ code: 'unavailable' }] } });
    });
    row({ area, harm, when: 'planning', holds: 'the run is not given up, and ends well' }, async () => {
      await waitForRun(world.api, runs.planning.id, ['applied'], 120_000);
    });
    row(
      { area, harm, when: 'applying and saving the state', holds: 'the worker holds the state until there is room' },
      async () => {
        await waitForRun(world.api, runs.applying.id, ['applied'], 120_000);
        expect(await resourcesIn(world, runs.applying.workspaceId)).toEqual(['first', 'second']);
        expect(await world.log(runs.applying, 'apply')).toContain('The state could not be stored yet');
      },
    );
    row({ area, harm, when: 'uploading the plan', holds: 'the plan is uploaded when there is room' }, async () => {
      await waitForRun(world.api, uploading.id, ['applied'], 120_000);
    });
  });

  for (const [how, lockedMs] of [
    ['for a while', 10_000],
    ['for longer than a worker may be silent', longMs],
  ] as const) {
    describe(`locked ${how}`, () => {
      const harm = `another process locks the database ${how}`;
      let runs: Awaited<ReturnType<typeof inTheMiddle>>;
      beforeAll(async () => {
        runs = await inTheMiddle(`locked-${lockedMs}`);
        const other = new DatabaseSync(database());
        other.exec('BEGIN EXCLUSIVE');
        await delay(lockedMs / 2);
        goOn(runs);
        await delay(lockedMs / 2);
        other.exec('ROLLBACK');
        other.close();
        await answersAgain();
      }, 240_000);
      row({ area, harm, when: 'planning', holds: 'the run is not given up, and ends well' }, async () => {
        const { attributes } = await waitForRun(world.api, runs.planning.id, ['applied'], 120_000);
        expect(attributes['end-reason']).toBe('applied');
      });
      row({ area, harm, when: 'applying', holds: 'the run is not given up, and its state is stored' }, async () => {
        await waitForRun(world.api, runs.applying.id, ['applied'], 120_000);
        expect(await resourcesIn(world, runs.applying.workspaceId)).toEqual(['first', 'second']);
      });
    });
  }

  row(
    {
      area,
      harm: 'the folder of blobs becomes a file',
      when: 'saving the state at the end of an apply',
      holds: 'the worker holds the state and stores it when the folder is back',
    },
    async () => {
      const { planning, applying } = await inTheMiddle('refusing');
      const blobs = path.join(disk.folder, 'api', 'blobs');
      await rename(blobs, `${blobs}-away`);
      await writeFile(blobs, '');
      world.effects.release(`/${applying.name}/apply`);
      await world.logUntil(applying, 'apply', /The state could not be stored yet/);
      expect(await status(applying)).toBe('applying');
      await rm(blobs);
      await rename(`${blobs}-away`, blobs);
      world.effects.release(`/${planning.name}/plan`);
      await waitForRun(world.api, applying.id, ['applied'], 60_000);
      expect(await resourcesIn(world, applying.workspaceId)).toEqual(['first', 'second']);
    },
  );

  row(
    {
      area,
      harm: 'bits of a stored state are turned',
      holds: 'reading it fails with an error, and a run on it ends as errored before terraform starts',
    },
    async () => {
      const first = await world.queue('rotten');
      await waitForRun(world.api, first.id, ['applied'], 60_000);
      const states = path.join(disk.folder, 'api', 'blobs', 'states');
      const before = new Map<string, Buffer>();
      for (const file of await filesBelow(states)) {
        const bytes = await readFile(file);
        before.set(file, bytes);
        const turned = Buffer.from(bytes);
        const middle = Math.floor(turned.length / 2);
        turned[middle] = (turned[middle] ?? 0) ^ 1;
        await writeFile(file, turned);
      }
      await expect(resourcesIn(world, first.workspaceId)).rejects.toThrow();
      const second = await world.queueRun(first.workspaceId, { 'main.tf': 'output "one" { value = 1 }' });
      const ended = await waitForRun(world.api, second.id, ['errored'], 60_000);
      expect(ended.attributes['end-reason']).not.toBeNull();
      expect(await world.log(second, 'plan')).not.toContain('Terraform will perform');
      for (const [file, bytes] of before) await writeFile(file, bytes);
    },
  );

  row(
    {
      area,
      harm: 'a reader keeps the write-ahead log from being folded back',
      holds: 'Gatehouse goes on, and the log is used again when the reader has gone',
    },
    async () => {
      const reader = new DatabaseSync(database(), { readOnly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM runs').get();
      for (let each = 0; each < 20; each++) await world.workspace(`starving-${each}-${randomBytes(3).toString('hex')}`);
      reader.exec('ROLLBACK');
      reader.close();
      const run = await world.queue('starved');
      await waitForRun(world.api, run.id, ['applied'], 60_000);
    },
  );

  tallyRows('all of this to the disk of the api', () => world);
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
