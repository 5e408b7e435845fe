import { expect } from 'vitest';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, numbers, password, statuses } from './abuse-world.ts';

const area = 'API: what exists';

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Whether somebody outside learns which people, organizations and things there are. */
export function enumerationRows(worldOf: () => AbuseWorld): void {
  row(
    {
      area,
      harm: 'signing in with names that there are and are not',
      when: 'anonymous',
      holds: 'status, words, headers and time are the same, and so is the refusal after many',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      await world.person('anna');
      const times = { anna: [] as number[], nobody: [] as number[] };
      const seen = new Set<string>();
      for (const number of numbers(10)) {
        for (const name of ['anna', 'nobody'] as const) {
          const startedAt = performance.now();
          const { status, headers, text } = await world.signIn(name, 'no such password', { from: '127.0.5.1' });
          times[name].push(performance.now() - startedAt);
          const names = Object.keys(headers).toSorted().join();
          seen.add(`${status} ${names} ${text}`);
          expect(headers['set-cookie'], String(number)).toBeUndefined();
        }
      }
      expect(seen.size).toBe(1);
      // Without the work of a hash an answer takes a tenth of it.
      expect(median(times.nobody)).toBeGreaterThan(median(times.anna) / 2);
      expect(median(times.anna)).toBeGreaterThan(median(times.nobody) / 2);
      const after = ['anna', 'nobody'].map((name) => world.signIn(name, password, { from: '127.0.5.1' }));
      expect(statuses(await Promise.all(after))).toEqual([429, 429]);
    },
  );

  row(
    {
      area,
      harm: 'ids and names of others, and such as there are none',
      when: 'somebody who belongs to no organization',
      holds: 'the same status and the same words',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const { dev } = world.stack;
      await world.person('mallory');
      const session = await world.signIn('mallory', password, { from: '127.0.5.2' });
      const cookie = String(session.headers['set-cookie']).split(';')[0] ?? '';
      const workspaceId = await world.workspace('hidden');
      const version = await world.api.call('POST', `/api/v2/workspaces/${workspaceId}/configuration-versions`, {
        data: { type: 'configuration-versions', attributes: {} },
      });
      const versionId = JSON.stringify(version).match(/cv-\w+/)?.[0] ?? '';
      const pairs: [string, string, string][] = [
        ['/api/v2/organizations/:x', dev.organization, 'no-such-one'],
        ['/api/v2/organizations/:x/workspaces', dev.organization, 'no-such-one'],
        ['/api/v2/organizations/:x/organization-memberships', dev.organization, 'no-such-one'],
        ['/api/v2/organizations/:x/mfa-challenges', dev.organization, 'no-such-one'],
        ['/api/v2/workspaces/:x', workspaceId, 'ws-1CYcKgdRcHiEX8HMHoGiBx'],
        ['/api/v2/workspaces/:x/runs', workspaceId, 'ws-1CYcKgdRcHiEX8HMHoGiBx'],
        ['/api/v2/workspaces/:x/vars', workspaceId, 'ws-1CYcKgdRcHiEX8HMHoGiBx'],
        ['/api/v2/configuration-versions/:x', versionId, 'cv-1CYcKgdRcHiEX8HMHoGiBx'],
      ];
      for (const [path, real, unreal] of pairs) {
        const look = async (id: string) => {
          const { status, text } = await world.ask({ path: path.replace(':x', id), headers: { cookie } });
          return `${status} ${text.replaceAll(id, ':x')}`;
        };
        const told = await look(real);
        expect(told, path).toMatch(/^404 /);
        expect(told, path).toBe(await look(unreal));
      }
    },
  );

  row(
    {
      area,
      harm: 'inviting, by name and by address, into an organization that is not hers',
      when: 'somebody who belongs to no organization',
      holds: 'the same answer whether the person exists or not',
      isChosen: true,
    },
    async () => {
      const world = worldOf();
      const session = await world.signIn('mallory', password, { from: '127.0.5.2' });
      const cookie = String(session.headers['set-cookie']).split(';')[0] ?? '';
      const invite = async (attributes: object) => {
        const { status, text } = await world.ask({
          method: 'POST',
          path: `/api/v2/organizations/${world.stack.dev.organization}/organization-memberships`,
          headers: { cookie, origin: world.stack.url },
          body: { data: { attributes } },
        });
        return `${status} ${text}`;
      };
      const told = new Set([
        await invite({ username: 'anna' }),
        await invite({ username: 'nobody' }),
        await invite({ email: 'nobody@example.com' }),
      ]);
      expect([...told]).toHaveLength(1);
      expect([...told][0]).toMatch(/^404 /);
    },
  );
}
