import type { Heartbeat } from '@gatehouse/shared/worker-api';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { startHeartbeat } from '../../src/lanes/heartbeat.ts';

function setup() {
  const beats: Heartbeat[] = [];
  const answers: unknown[] = [];
  const worker = { claims: ['claim-1'], isApiAway: false };
  const heart = startHeartbeat({
    api: {
      async heartbeat(beat) {
        if (worker.isApiAway) throw new Error('away');
        beats.push(beat);
        return { stop: [{ claimId: 'claim-1', mode: 'interrupt', cause: 'canceled' }], notes: [] };
      },
    },
    beat: () => ({ name: 'w', version: '1', concurrency: 1, sandbox: 'none', draining: false, claims: worker.claims }),
    onAnswer: (answer) => answers.push(answer),
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
