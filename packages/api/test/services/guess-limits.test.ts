import { randomUUID } from 'node:crypto';
import { Secret } from '@gatehouse/shared/secret';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/domain/password-hash.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { checkAwsSetup } from '../../src/services/check-aws-setup.ts';
import { notePasswordGuess } from '../../src/services/guess-limits.ts';
import { signIn } from '../../src/services/sign-in.ts';
import { inTransaction } from '../../src/store/database.ts';
import { insertMembership } from '../../src/store/memberships.ts';
import { insertUser } from '../../src/store/users.ts';
import { code, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = { rejection: 'mfa_rejected' };
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 5_000, mfaTries: 5 });
  lane = world.gateLane(() => verdict);
});
beforeEach(() => world.advance(2 * 3_600_000));
afterEach(() => {
  verdict = { rejection: 'mfa_rejected' };
  lane.calls.length = 0;
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

const refused = expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: expect.any(Number) });
const minutes = (count: number) => count * 60_000;

describe('passwords', () => {
  const guess = (account: string, source: string, isKnown = false) =>
    notePasswordGuess(world, { account, source, isKnown });
  const guessOften = (count: number, account: string, source: (index: number) => string) => {
    for (let index = 0; index < count; index++) guess(account, source(index));
  };

  test('the window slides: the next guess waits for the oldest of the last ten', () => {
    const account = randomUUID();
    guess(account, 'a');
    world.advance(minutes(10));
    guessOften(9, account, () => 'a');
    expect(() => guess(account, 'a')).toThrowError(expect.objectContaining({ retryAfterSeconds: 300 }));
    world.advance(minutes(5) + 1);
    guess(account, 'a');
    expect(() => guess(account, 'a')).toThrowError(expect.objectContaining({ retryAfterSeconds: 600 }));
  });

  test('a hundred from everywhere keep strangers out for the hour, and nobody who is known', () => {
    const account = randomUUID();
    guessOften(100, account, (index) => `${account} ${index % 20}`);
    expect(() => guess(account, 'new')).toThrowError(refused);
    expect(() => guess(account.toUpperCase(), 'new')).toThrowError(refused);
    guess(account, 'hers', true);
    guess(randomUUID(), 'new');
    world.advance(minutes(60) + 1);
    guess(account, 'new');
  });

  test('a right one counts for nothing, and leaves what is known of her browser and address', async () => {
    const password = new Secret('correct horse battery');
    const passwordHash = await hashPassword(password);
    const by = { actor: { userId: null, username: 'test' }, organization: null };
    inTransaction(world.database, (transaction) =>
      insertUser(transaction, { username: 'ada', passwordHash, isSiteAdmin: false }, by, world.clock.now()),
    );
    const at = (address: string, browser?: string) =>
      signIn(world, { username: 'ada', password }, { address, browser });
    let browser = '';
    for (let time = 0; time < 12; time++) ({ browser } = await at('192.0.2.1'));
    guessOften(100, 'ada', (index) => `ada ${index % 20}`);
    await at('192.0.2.1');
    await at('192.0.2.2', browser);
    await expect(at('192.0.2.3')).rejects.toThrowError(refused);
    await expect(at('192.0.2.3', `${browser}x`)).rejects.toThrowError(refused);
    world.advance(91 * 24 * minutes(60));
    guessOften(100, 'ada', (index) => `later ${index % 20}`);
    await expect(at('192.0.2.1', browser)).rejects.toThrowError(refused);
  });
});

describe('codes', () => {
  let next = 100_000;
  const fresh = () => code(String(next++));
  const waiting = async () => world.run(await world.workspace('plans_and_applies'));
  const submit = (runId: string, by = world.mia) => authenticateRun(world, { runId, tokenCode: fresh(), by });
  const rejected = expect.objectContaining({ code: expect.stringMatching(/^mfa_(rejected|too_many_attempts)$/) });
  async function burn(count: number, by = world.mia): Promise<void> {
    for (let run = await waiting(), left = count; left > 0; left--) {
      if (world.status(run.id) === 'errored') run = await waiting();
      await expect(submit(run.id, by)).rejects.toThrowError(rejected);
    }
  }

  test('ten of one person, over however many runs, and then she waits and nobody else', async () => {
    await burn(10);
    lane.calls.length = 0;
    const run = await waiting();
    await expect(submit(run.id)).rejects.toThrowError(refused);
    const batch = { organization: 'acme', runIds: [run.id], tokenCode: fresh(), by: world.mia };
    expect(await authenticateRuns(world, batch)).toMatchObject([{ outcome: 'failed', error: refused }]);
    expect(lane.calls).toHaveLength(0);
    expect(world.challenge(run.id, 'plan')).toMatchObject({ state: 'awaiting', triesLeft: 5 });
    verdict = 'accept';
    expect((await submit(run.id, world.olga)).status).toBe('plan_queued');
    const other = await waiting();
    world.advance(minutes(60) + 1);
    const again = await waiting();
    expect((await submit(again.id)).status).toBe('plan_queued');
    expect(world.status(other.id)).not.toBe('plan_queued');
  });

  test('of a device that all guess at each has three, so that one try of hers still counts', async () => {
    const people = ['p1', 'p2', 'p3'].map((username) => {
      const by = { actor: { userId: null, username: 'test' }, organization: null };
      const values = { username, passwordHash: null, isSiteAdmin: false };
      return inTransaction(world.database, (transaction) => {
        const user = insertUser(transaction, values, by, world.clock.now());
        const actor = { userId: user.id, username, isSiteAdmin: false, via: 'token' } as const;
        const member = { organization: 'acme', user: actor, role: 'member' } as const;
        insertMembership(transaction, world.olga, member, world.clock.now());
        return actor;
      });
    });
    for (const person of people) await burn(10, person);
    await burn(3);
    const run = await waiting();
    await expect(submit(run.id)).rejects.toThrowError(refused);
    verdict = 'accept';
    expect((await submit(run.id, world.olga)).status).toBe('plan_queued');
  });

  test('what was right, or never reached AWS, counts for nothing; what was canceled on its way counts', async () => {
    verdict = { rejection: 'sts_unreachable' };
    const run = await waiting();
    for (let time = 0; time < 12; time++) {
      await expect(submit(run.id)).rejects.toThrowError(expect.objectContaining({ code: 'sts_unreachable' }));
    }
    verdict = 'accept';
    for (let time = 0; time < 12; time++) await submit((await waiting()).id);
    verdict = 'silence';
    for (let time = 0; time < 10; time++) {
      const gone = await waiting();
      const answer = submit(gone.id).catch(() => undefined);
      await expect.poll(() => world.challenge(gone.id, 'plan').state).toBe('exchanging');
      await cancelRun(world, { runId: gone.id, comment: '', by: world.mia });
      await answer;
    }
    await expect(submit((await waiting()).id)).rejects.toThrowError(refused);
  });

  test('a check of the set-up is no way around', async () => {
    await burn(10, world.olga);
    const check = { by: world.olga, organization: 'acme', identity: 'organization', workspaceId: undefined } as const;
    await expect(checkAwsSetup(world, { ...check, tokenCode: fresh() })).rejects.toThrowError(refused);
  });
});
