import { expect, test } from 'vitest';
import type { StateEvent } from '../../../src/api-client/state-events.ts';
import type { StreamState } from '../../../src/api-client/stream-state.ts';
import { liveWords } from '../../../src/features/live/live-words.ts';
import { staleKeys } from '../../../src/features/live/query-keys.ts';

const now = Date.UTC(2026, 4, 3, 14, 0);

test.each<[StreamState, string]>([
  [{ kind: 'live', lastAt: now }, 'Live'],
  [{ kind: 'late', lastAt: now - 12_000 }, 'Late nothing for 12 s'],
  [{ kind: 'reconnecting', lastAt: now - 4_000, nextTryAt: now + 8_000 }, 'Reconnecting lost 4 s ago, next try in 8 s'],
  [{ kind: 'reconnecting', lastAt: undefined, nextTryAt: undefined }, 'Reconnecting trying now'],
  [{ kind: 'signed-out' }, 'Signed out this page is as it was'],
])('%j reads %s', (state, words) => {
  const { word, detail } = liveWords(state, now);
  expect(`${word} ${detail}`.trim()).toBe(words);
});

test('a change makes stale what shows it', () => {
  const event: StateEvent = {
    name: 'run.changed',
    runId: 'run-1',
    workspace: 'ws-1',
    organization: 'acme',
    version: 4,
  };
  const lists = [['runs', 'ws-1'], ['environments', 'acme'], ['waiting'], ['open-runs']];
  expect(staleKeys(event)).toEqual([['run', 'run-1'], ...lists]);
  expect(staleKeys({ ...event, name: 'challenge.changed' })).toEqual([['run'], ...lists]);
  expect(staleKeys({ ...event, name: 'plan.ready' })).toContainEqual(['plan', 'run-1']);
});
