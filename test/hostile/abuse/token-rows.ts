import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, inTurns, numbers, statuses } from './abuse-world.ts';

const area = 'API: guessing';

/** Guesses at what is random. */
export function tokenRows(worldOf: () => AbuseWorld): void {
  const routes = {
    'API tokens': { method: 'GET', path: '/api/v2/account/details' },
    'the worker token': { method: 'POST', path: '/api/worker/v1/workers/w/heartbeat' },
    'job tokens': { method: 'GET', path: '/api/worker/v1/runs/run-1/state' },
  };
  for (const [index, [harm, route]] of Object.entries(routes).entries()) {
    row(
      {
        area,
        harm: `different guesses at ${harm}`,
        when: 'one address',
        holds: 'the address is told to stop; right tokens from it go on, and so does everybody else',
        isChosen: true,
      },
      async () => {
        const world = worldOf();
        const from = `127.0.4.${index + 1}`;
        const guess = (number: number) =>
          world.ask({ ...route, from, headers: { authorization: `Bearer ght_guess${number}` } });
        const answers = await inTurns(numbers(75), 8, guess);
        const refused = answers.filter(({ status }) => status === 429);
        expect(statuses(answers).filter((status) => status === 401).length).toBeGreaterThanOrEqual(60);
        expect(refused.length).toBeGreaterThan(5);
        expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
        const headers = { authorization: `Bearer ${world.stack.dev.token}` };
        expect((await world.ask({ path: '/api/v2/account/details', from, headers })).status).toBe(200);
        // Who only repeats one that is over is no guesser.
        expect((await guess(1)).status).toBe(401);
      },
    );
  }

  row(
    {
      area,
      harm: 'guesses at codes of `terraform login`',
      when: 'one address',
      holds: 'the address is told to wait; others are answered',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const body = (number: number) =>
        new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: 'terraform-cli',
          code: `guess-${number}`,
          code_verifier: 'v'.repeat(43),
          redirect_uri: 'http://localhost:10000/login',
        }).toString();
      const guess = (number: number, from: string) =>
        world.ask({
          method: 'POST',
          path: '/oauth/token',
          from,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: body(number),
        });
      const answers = await inTurns(numbers(70), 8, (number) => guess(number, '127.0.4.9'));
      expect(statuses(answers).filter((status) => status === 400)).toHaveLength(60);
      expect(statuses(answers).filter((status) => status === 429)).toHaveLength(10);
      expect((await guess(71, '127.0.4.10')).status).toBe(400);
    },
  );
}
