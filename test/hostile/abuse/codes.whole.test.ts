import { createApiClient, document } from '@gatehouse/dev/api-client';
import type { Run } from '@gatehouse/dev/run-client';
import { afterAll, beforeAll, expect } from 'vitest';
import { newMember } from '../../e2e/new-member.ts';
import { smallConfiguration } from '../../e2e/stack.ts';
import { row } from '../../suites/row.ts';
import { type AbuseWorld, inTurns, numbers, startAbuseWorld, statuses } from './abuse-world.ts';

const area = 'API: guessing';

let world: AbuseWorld;
beforeAll(async () => {
  world = await startAbuseWorld({ workers: 1 });
});
afterAll(() => world?.stop());

/** A run that waits for the code of its plan. */
async function waiting(name: string): Promise<Run> {
  const id = await world.workspace(name, { 'mfa-level': 'plans_and_applies' });
  return world.queueRun(id, smallConfiguration);
}

/** Six digits that nobody has given yet; that one of them is right is less likely than that this test is wrong. */
let nextCode = 100;
const guess = () => String(nextCode++).padStart(6, '0');

function give(token: string, runId: string, code = guess()) {
  return world.ask({
    method: 'POST',
    path: `/api/v2/runs/${runId}/actions/authenticate`,
    headers: { authorization: `Bearer ${token}` },
    body: { 'token-code': code },
  });
}

const judged = async () => (await world.stsCalls()).length;

row(
  {
    area,
    harm: "a member guesses codes of the organization's device over many runs",
    when: 'one run after the other',
    holds:
      'her eleventh within the hour reaches no AWS; an owner releases the same run; a restart of the api changes nothing',
  },
  async () => {
    const mallory = await newMember(world, 'mallory');
    const burnt: number[] = [];
    for (const name of ['first', 'second']) {
      const run = await waiting(name);
      for (const _try of numbers(5)) burnt.push((await give(mallory.token, run.id)).status);
    }
    expect(burnt).toEqual([422, 422, 422, 422, 429, 422, 422, 422, 422, 429]);
    const before = await judged();
    const third = await waiting('third');
    const refused = await give(mallory.token, third.id);
    expect(refused.text).toContain('"too_many_requests"');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    const batch = await createApiClient({ url: world.api.url, token: mallory.token }).call(
      'POST',
      `/api/v2/organizations/${world.stack.dev.organization}/actions/authenticate`,
      { 'token-code': guess(), 'run-ids': [third.id] },
    );
    expect(JSON.stringify(batch)).toContain('"too_many_requests"');
    await world.stack.restartApi();
    expect((await give(mallory.token, third.id, await world.freshCode())).status).toBe(429);
    expect(await judged()).toBe(before);
    expect((await give(world.stack.dev.token, third.id, await world.freshCode())).status).toBe(200);
  },
);

row(
  {
    area,
    harm: "a member guesses codes of the organization's device over many runs",
    when: 'all at the same moment',
    holds: 'no more of them reach AWS than one after the other',
  },
  async () => {
    const ada = await newMember(world, 'ada');
    const runs = await inTurns(numbers(16), 4, (number) => waiting(`at-once-${number}`));
    const before = await judged();
    const answers = await inTurns(runs, 16, (run) => give(ada.token, run.id));
    expect(statuses(answers).filter((status) => status === 422)).toHaveLength(10);
    expect(statuses(answers).filter((status) => status === 429)).toHaveLength(6);
    expect((await judged()) - before).toBe(10);
    // One who only answers what waits, rightly, is not counted however often she does.
    for (const { id } of runs.slice(0, 3)) {
      expect((await give(world.stack.dev.token, id, await world.freshCode())).status).toBe(200);
    }
  },
);

row(
  {
    area,
    harm: 'a check of the set-up asked with guessed codes',
    when: 'an owner whose guesses are used up',
    holds: 'it is refused as a code for a run would be',
  },
  async () => {
    const { api, stack } = world;
    const check = () =>
      api.request(
        'POST',
        `/api/v2/organizations/${stack.dev.organization}/aws-checks`,
        document('aws-checks', { identity: 'organization', 'token-code': guess() }),
      );
    const answers = [];
    for (const _try of numbers(11)) answers.push(await check());
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429]);
  },
);
