import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, cookiesOf, inTurns, numbers, password, statuses } from './abuse-world.ts';

const area = 'API: guessing';

/** Guesses at passwords by whoever may send a request. */
export function passwordRows(worldOf: () => AbuseWorld): void {
  row(
    {
      area,
      harm: 'wrong passwords for one name, one after the other',
      when: 'one address',
      holds: 'the address is refused before its guess is looked at, a right one too; the owner signs in from elsewhere',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('vera');
      const from = '127.0.2.1';
      const guesses = [];
      for (const number of numbers(12)) guesses.push(await world.signIn('Vera', `guess ${number}`, { from }));
      expect(statuses(guesses)).toEqual([...Array(10).fill(401), 429, 429]);
      expect(Number(guesses.at(-1)?.headers['retry-after'])).toBeGreaterThan(60);
      expect((await world.signIn('vera', password, { from })).status).toBe(429);
      expect((await world.signIn('vera', password, { from: '127.0.2.2' })).status).toBe(201);
    },
  );

  row(
    {
      area,
      harm: 'wrong passwords for one name, from the address that its owner shares',
      when: 'one address',
      holds: 'the browser in which she has signed in before is let in; another one there waits',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('nora');
      const from = '127.0.2.3';
      const cookie = cookiesOf(await world.signIn('nora', password, { from }), 'gatehouse-browser');
      expect(cookie).not.toBe('');
      await inTurns(numbers(15), 4, (number) => world.signIn('nora', `guess ${number}`, { from }));
      expect((await world.signIn('nora', password, { from })).status).toBe(429);
      expect((await world.signIn('nora', password, { from, cookie })).status).toBe(201);
      // The cookie opens nothing, and is no other person's.
      expect((await world.ask({ path: '/api/v2/account/details', headers: { cookie } })).status).toBe(401);
      await world.person('otto');
      await inTurns(numbers(12), 4, (number) => world.signIn('otto', `guess ${number}`, { from: '127.0.2.4' }));
      expect((await world.signIn('otto', password, { from: '127.0.2.4', cookie })).status).toBe(429);
    },
  );

  row(
    {
      area,
      harm: 'wrong passwords for one name, many at the same moment',
      when: 'one address',
      holds: 'no more of them are looked at than one after the other',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('rosa');
      const answers = await inTurns(numbers(25), 25, (number) =>
        world.signIn('rosa', `guess ${number}`, { from: '127.0.2.5' }),
      );
      expect(statuses(answers).filter((status) => status === 401)).toHaveLength(10);
      expect(statuses(answers).filter((status) => status === 429)).toHaveLength(15);
    },
  );

  row(
    {
      area,
      harm: 'wrong passwords for one name, and the api is started again',
      when: 'one address',
      holds: 'it goes on being refused',
    },
    async () => {
      const world = worldOf();
      await world.person('tina');
      await inTurns(numbers(10), 4, (number) => world.signIn('tina', `guess ${number}`, { from: '127.0.2.6' }));
      await world.stack.restartApi();
      await world.forgetFloods();
      expect((await world.signIn('tina', password, { from: '127.0.2.6' })).status).toBe(429);
    },
  );

  row(
    {
      area,
      harm: 'wrong passwords for one name, a few from each of many addresses',
      when: 'many addresses',
      holds: 'strangers are refused after a hundred; the owner signs in from a browser or an address that she has used',
    },
    async () => {
      const world = worldOf();
      await world.person('lena');
      const home = '127.0.3.200';
      const cookie = cookiesOf(await world.signIn('lena', password, { from: home }), 'gatehouse-browser');
      const answers = await inTurns(numbers(110), 6, (number) =>
        world.signIn('lena', `guess ${number}`, { from: `127.0.3.${1 + (number % 22)}` }),
      );
      expect(statuses(answers).filter((status) => status === 401)).toHaveLength(100);
      expect((await world.signIn('lena', password, { from: '127.0.3.201' })).status).toBe(429);
      expect((await world.signIn('lena', password, { from: home })).status).toBe(201);
      expect((await world.signIn('lena', password, { from: '127.0.3.201', cookie })).status).toBe(201);
    },
  );

  row(
    {
      area,
      harm: 'one password for many names',
      when: 'one address',
      holds: 'the address is refused after a hundred; nobody else is',
    },
    async () => {
      const world = worldOf();
      await world.person('emil');
      const from = '127.0.2.7';
      for (const round of numbers(4)) {
        await world.forgetFloods();
        await inTurns(numbers(25), 6, (number) => world.signIn(`name-${round}-${number}`, 'Summer2026!!', { from }));
      }
      await world.forgetFloods();
      expect((await world.signIn('emil', password, { from })).status).toBe(429);
      expect((await world.signIn('emil', password, { from: '127.0.2.8' })).status).toBe(201);
    },
  );

  row(
    {
      area,
      harm: 'wrong passwords while Redis stands still',
      when: 'one address',
      holds: 'they are counted and refused, and nobody waits for Redis',
    },
    async () => {
      const world = worldOf();
      await world.person('ines');
      const { pid } = world.stack.services.redis;
      process.kill(pid, 'SIGSTOP');
      try {
        const startedAt = Date.now();
        const answers = await inTurns(numbers(12), 4, (number) =>
          world.signIn('ines', `guess ${number}`, { from: '127.0.2.9' }),
        );
        expect(statuses(answers).filter((status) => status === 401)).toHaveLength(10);
        expect(statuses(answers).filter((status) => status === 429)).toHaveLength(2);
        expect(Date.now() - startedAt).toBeLessThan(20_000);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  );

  row(
    {
      area,
      harm: 'guesses at the current password, to change it',
      when: 'a stolen sign-in',
      holds: 'that sign-in is refused; the owner changes it in her own, which ends the stolen one',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('gina');
      const [stolen, own] = [await world.signIn('gina'), await world.signIn('gina')].map((answer) => cookiesOf(answer));
      const change = (cookie = '', given = '') =>
        world.ask({
          method: 'PATCH',
          path: '/api/v2/account/password',
          headers: { cookie, origin: world.stack.url },
          body: { data: { attributes: { current_password: given, password: 'another horse battery' } } },
        });
      const guesses = [];
      for (const number of numbers(12)) guesses.push(await change(stolen, `guess ${number}`));
      expect(statuses(guesses)).toEqual([...Array(10).fill(422), 429, 429]);
      expect((await change(stolen, password)).status).toBe(429);
      expect((await change(own, password)).status).toBe(204);
      const of = (cookie = '') => world.ask({ path: '/api/v2/account/details', headers: { cookie } });
      expect(statuses([await of(stolen), await of(own)])).toEqual([401, 200]);
    },
  );
}
