import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import type { Heartbeat } from '@gatehouse/shared/worker-api';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { startHeartbeat } from '../../src/lanes/heartbeat.ts';

function setup() {
  const beats: Heartbeat[] = [];
  const answers: unknown[] = [];
  const worker = { claims: ['claim-1'], isApiAway: false, isRefused: false, refusals: 0 };
  const heart = startHeartbeat({
    api: {
      async heartbeat(beat) {
        if (worker.isApiAway) throw new Error('away');
        if (worker.isRefused) throw new GatehouseError('unauthorized', 'not this token');
        beats.push(beat);
        return { stop: [{ claimId: 'claim-1', mode: 'interrupt', cause: 'canceled' }], notes: [] };
      },
    },
    beat: () => ({ name: 'w', version: '1', concurrency: 1, sandbox: 'none', draining: false, claims: worker.claims }),
    onAnswer: (answer) => answers.push(answer),
    onRefused: () => {
      worker.refusals++;
    },
    logger: pino({ level: 'silent' }),
    intervalMs: 20,
  });
  return { heart, beats, answers, worker };
}

test('beats at once and goes on, with the claims of that moment, and hands every answer over', async () => {
  const { heart, beats, answers, worker } = setup();
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(1));
  expect(beats[0]?.claims).toEqual(['claim-1']);
  expect(answers[0]).toEqual({ stop: [{ claimId: 'claim-1', mode: 'interrupt', cause: 'canceled' }], notes: [] });
  worker.claims = [];
  await heart.stop();
  expect(beats.at(-1)?.claims).toEqual([]);
});

test('goes on when the api was away', async () => {
  const { heart, beats, worker } = setup();
  worker.isApiAway = true;
  await new Promise((resolve) => setTimeout(resolve, 60));
  const before = beats.length;
  worker.isApiAway = false;
  await vi.waitFor(() => expect(beats.length).toBeGreaterThan(before + 1));
  await heart.stop();
});

test('tells that its token is refused, and no other trouble, and beats on until it is taken again', async () => {
  const { heart, answers, worker } = setup();
  worker.isApiAway = true;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(worker.refusals).toBe(0);
  worker.isApiAway = false;
  worker.isRefused = true;
  await vi.waitFor(() => expect(worker.refusals).toBeGreaterThan(1));
  const before = answers.length;
  worker.isRefused = false;
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before));
  await heart.stop();
});

/** Beats that are answered when the test says so. */
function setupSlow() {
  const pending: (() => void)[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const heart = startHeartbeat({
    api: {
      async heartbeat() {
        inFlight++;
        mostInFlight = Math.max(mostInFlight, inFlight);
        await new Promise<void>((resolve) => pending.push(resolve));
        inFlight--;
        return { stop: [], notes: [] };
      },
    },
    beat: () => ({ name: 'w', version: '1', concurrency: 1, sandbox: 'none', draining: false, claims: [] }),
    onAnswer: () => {},
    logger: pino({ level: 'silent' }),
    intervalMs: 60_000,
  });
  return { heart, pending, mostInFlight: () => mostInFlight };
}

test('news is fetched at once; a wish during a beat leads to one more after it, never beside it', async () => {
  const { heart, pending, mostInFlight } = setupSlow();
  for (let wish = 0; wish < 3; wish++) heart.beatNow();
  expect(pending).toHaveLength(1);
  pending[0]?.();
  await vi.waitFor(() => expect(pending).toHaveLength(2));
  pending[1]?.();
  // Between two beats, and the next one by itself is a minute away.
  await vi.waitFor(() => {
    heart.beatNow();
    expect(pending).toHaveLength(3);
  });
  expect(mostInFlight()).toBe(1);
  const stopped = heart.stop();
  for (let answered = 2; answered < 5; answered++) {
    await vi.waitFor(() => expect(pending.length).toBeGreaterThanOrEqual(Math.min(answered + 1, 4)));
    pending[answered]?.();
  }
  await stopped;
});
