import { appendLogMarks } from '@gatehouse/shared/log-sections';
import { appendLog, logEndOffset, logKey } from '@gatehouse/shared/log-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closePhaseLog } from '../../src/services/close-phase-log.ts';
import { type PageWorld, startPageWorld } from '../page-world.ts';

let world: PageWorld;
beforeAll(async () => {
  world = await startPageWorld();
});
afterAll(() => world.close());

/** A run whose plan a worker runs; `write` is what terraform prints, `begin` a section of the worker's. */
async function setup() {
  const run = await world.run(await world.workspace('never'));
  await world.parts.relay.settled();
  const key = logKey(run.id, 'plan');
  return {
    id: run.id,
    path: `/runs/${run.id}/logs/plan`,
    write: async (text: string) => void (await appendLog(world.redis, key, Buffer.from(text))),
    begin: async (name: 'init' | 'plan' | 'summary') => {
      const offset = await logEndOffset(world.redis, key);
      await appendLogMarks(world.redis, key, [{ kind: 'section', name, offset, atMs: Date.now() }]);
    },
    end: () => closePhaseLog(world.parts, { runId: run.id, phase: 'plan', lines: ['The end.'] }),
  };
}
const read = async (path: string) => JSON.parse((await world.mia.get(`${path}/sections`)).text);

test('the index names sections and our own bytes, and stays the same after archiving', async () => {
  const { path, write, begin, end } = await setup();
  await begin('init');
  await write('Initializing…\n');
  await begin('plan');
  await write('Gatehouse: Authenticated with MFA by `nobody`\n');
  const live = await read(path);
  expect(live.data.map((section: { name: string }) => section.name)).toEqual(['gatehouse', 'init', 'plan']);
  expect(live.data[1]).toMatchObject({ 'start-offset': 1, 'end-offset': 17, 'ended-at': live.data[2]['started-at'] });
  expect(live.data[2]).toMatchObject({ 'start-offset': 17, 'end-offset': null, 'ended-at': null });
  // The first byte frames the log; nothing of what was printed is ours, whatever it says.
  expect(live.meta).toMatchObject({ 'gatehouse-ranges': [[0, 1]], 'log-end-offset': 63, ended: false });

  await end();
  await world.redis.flushall();
  const archived = await read(path);
  expect(archived.meta).toMatchObject({
    'gatehouse-ranges': [
      [0, 1],
      [63, 73],
    ],
    'log-end-offset': 73,
    ended: true,
  });
  expect(archived.data.map((section: { 'start-offset': number }) => section['start-offset'])).toEqual([0, 1, 17]);
});

test('a page that follows the log is told when the sections change, and before the end', async () => {
  const { path, write, begin, end } = await setup();
  const stream = await world.listen(`${path}?sections=true`, { cookie: world.mia.cookie });
  const namesIn = (data: unknown) => JSON.stringify(data).match(/"name":"(\w+)"/g)?.length ?? 0;
  await stream.until(({ event, data }) => event === 'sections' && namesIn(data) === 1);
  await begin('init');
  await write('Initializing…\n');
  await end();
  await stream.until(({ event }) => event === 'end');
  expect(namesIn(stream.all.findLast(({ event }) => event === 'sections')?.data)).toBe(2);
  await stream.close();
});

test('a client that did not ask for them gets none', async () => {
  const { path, write, end } = await setup();
  await write('text\n');
  await end();
  const stream = await world.listen(path, { cookie: world.mia.cookie });
  await stream.until(({ event }) => event === 'end');
  expect(stream.all.map(({ event }) => event)).not.toContain('sections');
  await stream.close();
});

test('of another organization nothing is told', async () => {
  const { path } = await setup();
  expect((await world.sam.get(`${path}/sections`)).status).toBe(404);
});
