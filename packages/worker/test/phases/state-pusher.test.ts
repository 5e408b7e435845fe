import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { expect, test } from 'vitest';
import { StatePusher } from '../../src/phases/state-pusher.ts';

/** An api that stores, refuses or is away, as the test says. */
function setup() {
  const stored: string[] = [];
  const said: string[] = [];
  const api = { answer: 'stores', gate: Promise.resolve() };
  const pusher = new StatePusher({
    async store(state) {
      await api.gate;
      if (api.answer === 'away') throw new GatehouseError('unavailable', 'The api did not answer.');
      if (api.answer === 'refuses') throw new GatehouseError('state_invalid', 'The lineage is another.');
      stored.push(Buffer.from(state).toString());
    },
    say: (sentence) => said.push(sentence),
    firstDelayMs: 5,
    longestDelayMs: 20,
  });
  const offer = (text: string) => pusher.offer(new TextEncoder().encode(text));
  return { pusher, offer, stored, said, api };
}

test('one at a time, and of those that wait the latest', async () => {
  const { pusher, offer, stored, api } = setup();
  let open = () => {};
  api.gate = new Promise((resolve) => {
    open = resolve;
  });
  for (const text of ['1', '2', '3', '4']) offer(text);
  open();
  expect(await pusher.finish(1_000)).toBe('stored');
  expect(stored.at(-1)).toBe('4');
  expect(stored).not.toContain('2');
});

test('an api that is away is asked until it answers, and that is said once', async () => {
  const { pusher, offer, stored, said, api } = setup();
  api.answer = 'away';
  offer('1');
  const finishing = pusher.finish(5_000);
  setTimeout(() => {
    api.answer = 'stores';
  }, 100);
  expect(await finishing).toBe('stored');
  expect(stored).toEqual(['1']);
  expect(said).toHaveLength(1);
});

test('patience has an end; the newest state is still at hand', async () => {
  const { pusher, offer, stored, api } = setup();
  api.answer = 'away';
  offer('1');
  offer('2');
  expect(await pusher.finish(50)).toBe('unreachable');
  expect(Buffer.from(pusher.newest ?? '').toString()).toBe('2');
  expect(stored).toEqual([]);
});

test('a refused state is not sent again, a later one is', async () => {
  const { pusher, offer, stored, said, api } = setup();
  api.answer = 'refuses';
  offer('1');
  expect(await pusher.finish(1_000)).toBe('refused');
  expect(said[0]).toContain('The lineage is another.');
  api.answer = 'stores';
  offer('2');
  expect(await pusher.finish(1_000)).toBe('stored');
  expect(stored).toEqual(['2']);
});
