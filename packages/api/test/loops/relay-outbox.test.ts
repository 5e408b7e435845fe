import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OutboxTask } from '../../src/domain/outbox-task.ts';
import { createOutboxRelay } from '../../src/loops/relay-outbox.ts';
import { inTransaction, openDatabase } from '../../src/store/database.ts';
import { enqueue, hasTasks } from '../../src/store/outbox.ts';
import { outbox } from '../../src/store/schema/runs.ts';

let opened: ReturnType<typeof openDatabase>;
let now = new Date();
beforeEach(() => {
  opened = openDatabase(':memory:');
  now = new Date();
});
afterEach(() => opened.close());

function setup(perform: (runId: string, task: OutboxTask) => Promise<void>) {
  const done: string[] = [];
  const failures: string[] = [];
  const relay = createOutboxRelay({
    database: opened.database,
    clock: { now: () => now },
    perform: async (runId, task) => {
      await perform(runId, task);
      done.push(`${runId} ${'version' in task ? task.version : task.kind}`);
    },
    onFailure: (runId, kind) => void failures.push(`${runId} ${kind}`),
  });
  const write = (runId: string, ...versions: number[]) =>
    inTransaction(opened.database, (transaction) => {
      for (const version of versions) enqueue(transaction, { runId, at: now }, { kind: 'announce', version });
    });
  return { relay, done, failures, write, advance: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

test('tasks of a run are done in order, each once', async () => {
  const { relay, done, write } = setup(async () => undefined);
  write('run-1', 1, 2, 3);
  relay.wake();
  relay.wake();
  write('run-1', 4);
  await relay.settled();
  expect(done).toEqual(['run-1 1', 'run-1 2', 'run-1 3', 'run-1 4']);
  expect(hasTasks(opened.database, 'run-1')).toBe(false);
  await relay.close();
});

test('a task that fails holds the later ones of its run and no other run, and is tried again later', async () => {
  let isBroken = true;
  const { relay, done, failures, write, advance } = setup(async (runId) => {
    if (runId === 'run-1' && isBroken) throw new Error('Redis is away');
  });
  write('run-1', 1, 2);
  write('run-2', 1);
  await relay.settled();
  expect(done).toEqual(['run-2 1']);
  expect(failures).toEqual(['run-1 announce']);
  write('run-1', 3);
  await relay.settled();
  expect(done).toEqual(['run-2 1']);
  isBroken = false;
  advance(251);
  await relay.settled();
  expect(done).toEqual(['run-2 1', 'run-1 1', 'run-1 2', 'run-1 3']);
  await relay.close();
});

test('a run that takes long keeps nobody waiting', async () => {
  let release = () => {};
  const { relay, done, write } = setup(async (runId) => {
    if (runId === 'run-1') await new Promise<void>((resolve) => (release = resolve));
  });
  write('run-1', 1);
  write('run-2', 1);
  const settled = relay.settled();
  await expect.poll(() => done).toEqual(['run-2 1']);
  release();
  await settled;
  expect(done).toEqual(['run-2 1', 'run-1 1']);
  await relay.close();
});

test('a task of another release is pushed back, and does not spin', async () => {
  const { relay, failures } = setup(async () => undefined);
  const row = { runId: 'run-1', kind: 'of-tomorrow', payload: {}, createdAt: now, dueAt: now };
  opened.database.insert(outbox).values(row).run();
  await relay.settled();
  expect(failures).toEqual(['run-1 of-tomorrow']);
  expect(hasTasks(opened.database, 'run-1')).toBe(true);
  await relay.close();
});
