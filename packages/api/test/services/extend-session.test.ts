import { inspect } from 'node:util';
import { cancelChannel, gateJobId, sessionKey } from '@gatehouse/shared/jobs';
import type { Phase } from '@gatehouse/shared/run-status';
import { phaseMessage } from '@gatehouse/shared/worker-api';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expireChallenges } from '../../src/loops/expire-challenges.ts';
import { createGiveUpOnLost } from '../../src/loops/give-up-on-lost.ts';
import { raiseExtensions } from '../../src/loops/raise-extensions.ts';
import { reconcile } from '../../src/loops/reconcile.ts';
import { authenticateRun } from '../../src/services/authenticate-run.ts';
import { authenticateRuns } from '../../src/services/authenticate-runs.ts';
import { cancelRun } from '../../src/services/cancel-run.ts';
import { listChallenges } from '../../src/services/list-challenges.ts';
import { listWaits } from '../../src/services/list-waits.ts';
import { recordHeartbeat } from '../../src/services/record-heartbeat.ts';
import { recordWorkerReport } from '../../src/services/record-worker-report.ts';
import { listAuditRecords } from '../../src/store/audit.ts';
import { listHistory } from '../../src/store/history.ts';
import { findPhase } from '../../src/store/phases.ts';
import { oldestAwaiting, waitsByDevice } from '../../src/store/queue-figures.ts';
import { requireRun } from '../../src/store/runs.ts';
import { phaseNotes } from '../../src/store/schema/challenges.ts';
import { code, finished, goodSerial, type RunWorld, startRunWorld, type Verdict } from '../run-world.ts';

let world: RunWorld;
let lane: ReturnType<RunWorld['gateLane']>;
let verdict: Verdict = 'accept';
beforeAll(async () => {
  world = await startRunWorld({ exchangeWaitMs: 2_000, mfaTries: 2 });
  lane = world.gateLane(() => verdict);
});
afterEach(() => {
  verdict = 'accept';
  lane.calls.length = 0;
});
afterAll(async () => {
  await lane.close();
  await world.close();
});

const minutes = 60_000;
let next = 300_000;
const fresh = () => code(String(next++));
const submit = (runId: string, tokenCode = fresh(), by = world.mia) => authenticateRun(world, { runId, tokenCode, by });
const refusal = (errorCode: string, words = '') =>
  expect.objectContaining({ code: errorCode, message: expect.stringContaining(words) });

/** A run whose apply runs with a session of an hour that a code released. */
async function applying() {
  const run = await world.run(await world.workspace('applies_only'));
  await world.work(run.id, 'plan');
  await submit(run.id);
  lane.calls.length = 0;
  const { claimId } = await world.claim(run.id, 'apply');
  const running = { runId: run.id, phase: 'apply' as Phase, claimId };
  await world.sessionOpened(running, { accessKeyId: `ASIA${run.id}` });
  return { ...running, id: run.id };
}

/** The same, ten minutes before its session ends: the code is asked for. */
async function asking() {
  const running = await applying();
  world.advance(50 * minutes);
  await raiseExtensions(world);
  return running;
}

const beat = (claimId: string, notesSeen?: Record<string, number>) =>
  recordHeartbeat(world, {
    workerId: 'worker-1',
    heartbeat: {
      name: 'w',
      version: '1',
      concurrency: 2,
      sandbox: 'none',
      draining: false,
      claims: [claimId],
      ...(notesSeen && { notesSeen }),
    },
  });
const lines = async (claimId: string) => (await beat(claimId)).notes.flatMap((note) => note.lines);
const events = (runId: string) => listHistory(world.database, runId).map(({ event }) => event);
const audited = async (runId: string) =>
  (await listAuditRecords(world.database, 'acme', { run: runId }, { limit: 9, offset: 0 })).records;
const hears = (runId: string, phase: Phase) =>
  new Promise<unknown>((resolve) => {
    const channel = cancelChannel(runId, phase);
    const { redis } = world.redisServer;
    redis.on('message', (heard: string, message: string) => {
      if (heard !== channel) return;
      world.sealer.unsealText(message, channel).then((text) => resolve(phaseMessage.parse(JSON.parse(text))));
    });
    void redis.subscribe(channel);
  });

describe('a session that ends before its phase', () => {
  test('is asked to be extended when its time has come, not before', async () => {
    const running = await applying();
    world.advance(50 * minutes - 5_000);
    await raiseExtensions(world);
    expect(world.extension(running.id, 'apply')).toBeUndefined();
    const heard = hears(running.id, 'apply');
    world.advance(5_000);
    await raiseExtensions(world);
    const stopsAt = findPhase(world.database, running.id, 'apply')?.sessionStopsAt;
    expect(world.extension(running.id, 'apply')).toMatchObject({
      extension: 1,
      state: 'awaiting',
      deadlineAt: stopsAt,
      remindAt: null,
      mfaSerial: goodSerial,
      triesLeft: 2,
    });
    expect(await heard).toEqual({ news: true });
    const [note, ...others] = (await beat(running.claimId)).notes;
    expect(others).toEqual([]);
    expect(note).toMatchObject({ claimId: running.claimId, isExtended: false });
    const text = note?.lines.join('\n') ?? '';
    expect(text).toContain('The AWS session of this apply ends at ');
    expect(text).toContain(`/runs/${running.id}\n`);
    expect(text).toContain(`/api/v2/runs/${running.id}/actions/authenticate`);
    expect(text).toContain('terraform is asked to stop');
    expect(text).toContain('arn:aws:iam::********9012:mfa/olga');
    expect(text).not.toContain(goodSerial);
    const job = gateJobId(world.extension(running.id, 'apply')?.id ?? '', 0);
    await world.relay.settled();
    expect((await world.queue.jobStates('gate', [job])).get(job)).toBe('alive');
  });

  test('is asked for once, however often the sweep comes by, and changes no status', async () => {
    const running = await asking();
    const before = events(running.id);
    await raiseExtensions(world);
    await Promise.all([raiseExtensions(world), raiseExtensions(world)]);
    expect((await beat(running.claimId)).notes).toHaveLength(1);
    expect(world.extension(running.id, 'apply')?.extension).toBe(1);
    expect(world.status(running.id)).toBe('applying');
    expect(events(running.id)).toEqual(before);
  });

  test('is not asked for where the run stops anyway, or its level needs no code', async () => {
    const canceled = await applying();
    await cancelRun(world, { runId: canceled.id, comment: '', by: world.mia });
    const over = await applying();
    await world.finish(over.id, 'apply', over.claimId);
    const free = await world.run(await world.workspace('never'));
    const { claimId } = await world.claim(free.id, 'plan');
    await world.sessionOpened({ runId: free.id, phase: 'plan', claimId });
    const late = await applying();
    world.advance(60 * minutes);
    await raiseExtensions(world);
    for (const [id, phase] of [
      [canceled.id, 'apply'],
      [over.id, 'apply'],
      [free.id, 'plan'],
      [late.id, 'apply'],
    ] as const) {
      expect(world.extension(id, phase)).toBeUndefined();
      expect(findPhase(world.database, id, phase)?.sessionAsksAt).toBeNull();
    }
    await world.finish(free.id, 'plan', claimId);
  });

  test('waits for a person: in her list, in the list of the organization, and for operators', async () => {
    const running = await asking();
    const wait = listWaits(world, world.mia).find(({ details }) => details.run.id === running.id);
    expect(wait).toMatchObject({ phase: 'apply', challenge: { extension: 1 } });
    expect(wait?.since).toEqual(world.extension(running.id, 'apply')?.createdAt);
    const waits = await listChallenges(world, { organization: 'acme', by: world.mia });
    expect(waits.filter(({ run }) => run.id === running.id)).toHaveLength(1);
    expect(waitsByDevice(world.database, ['acme']).map(({ mfaSerial }) => mfaSerial)).toEqual([goodSerial]);
    expect(oldestAwaiting(world.database, ['acme'])).not.toBeNull();
    await submit(running.id);
    expect(listWaits(world, world.mia).map(({ details }) => details.run.id)).not.toContain(running.id);
  });
});

describe('a code while the phase runs', () => {
  test('extends the session: told to the worker, audited, and no change of status', async () => {
    const running = await asking();
    const [before, heard] = [events(running.id), hears(running.id, 'apply')];
    const tokenCode = fresh();
    const after = await submit(running.id, tokenCode);
    expect(after.status).toBe('applying');
    expect(events(running.id)).toEqual(before);
    expect(await heard).toEqual({ news: true });
    const notes = (await beat(running.claimId)).notes;
    expect(notes.map(({ isExtended }) => isExtended)).toEqual([false, true]);
    expect(notes[1]?.lines[0]).toBe('Authenticated with MFA by `mia`');
    const { sessionExpiresAt } = world.extension(running.id, 'apply') ?? {};
    expect(notes[1]?.lines.at(-1)).toContain(sessionExpiresAt?.toISOString().slice(0, 19).replace('T', ' '));
    expect(world.extension(running.id, 'apply')).toMatchObject({ state: 'authenticated', authenticatedByName: 'mia' });
    // The one that it started with stays what it was.
    expect(world.challenge(running.id, 'apply')).toMatchObject({ extension: 0, state: 'authenticated' });
    const [record] = await audited(running.id);
    expect(record).toMatchObject({
      action: 'run.session_extended',
      actorName: 'mia',
      details: { phase: 'apply', mfaSerial: goodSerial, accessKeyId: 'ASIATEST' },
    });
    expect(lane.calls).toHaveLength(1);
    expect(lane.calls[0]?.claim.targets).toMatchObject([{ session: { runId: running.id, phase: 'apply' } }]);
    expect(inspect([notes, record], { depth: 9 })).not.toContain(tokenCode.reveal());
  });

  test('that was used already is refused without a try', async () => {
    const [one, other] = [await applying(), await applying()];
    world.advance(50 * minutes);
    await raiseExtensions(world);
    const tokenCode = fresh();
    await submit(one.id, tokenCode);
    await expect(submit(other.id, tokenCode)).rejects.toThrowError(
      refusal('mfa_code_already_used', 'was used by `mia`'),
    );
    expect(world.extension(other.id, 'apply')).toMatchObject({ state: 'awaiting', triesLeft: 2 });
  });

  test('may come again for the next session; each has its own number and its own note', async () => {
    const running = await asking();
    await submit(running.id);
    await world.sessionOpened(running, { accessKeyId: `ASIA2${running.id}` });
    await raiseExtensions(world);
    expect(world.extension(running.id, 'apply')?.extension).toBe(1);
    world.advance(50 * minutes);
    await raiseExtensions(world);
    expect(world.extension(running.id, 'apply')).toMatchObject({ extension: 2, state: 'awaiting', triesLeft: 2 });
    await submit(running.id);
    const notes = (await beat(running.claimId)).notes;
    expect(notes.map(({ isExtended }) => isExtended)).toEqual([false, true, false, true]);
    expect(notes.map(({ sequence }) => sequence)).toEqual(
      notes.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
    expect((await audited(running.id)).map(({ action }) => action)).toEqual([
      'run.session_extended',
      'run.session_extended',
      'run.authenticated',
    ]);
  });

  test('of an apply that destroys needs no name: nothing is decided by it', async () => {
    const workspace = await world.workspace('applies_only');
    const run = await world.run(workspace);
    const page = { ...world.mia, via: 'session' as const };
    await world.work(run.id, 'plan', { ...finished(), resourceDestructions: 3 } as ReturnType<typeof finished>);
    await expect(submit(run.id, fresh(), page)).rejects.toThrowError(refusal('confirm_name_required'));
    await authenticateRun(world, { runId: run.id, tokenCode: fresh(), by: page, confirmName: workspace.name });
    const { claimId } = await world.claim(run.id, 'apply');
    await world.sessionOpened({ runId: run.id, phase: 'apply', claimId });
    world.advance(50 * minutes);
    await raiseExtensions(world);
    await submit(run.id, fresh(), page);
    expect(world.extension(run.id, 'apply')?.state).toBe('authenticated');
  });

  test('is not awaited before it is asked for, and by strangers not at all', async () => {
    const running = await applying();
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_not_awaited'));
    world.advance(50 * minutes);
    await raiseExtensions(world);
    await expect(submit(running.id, fresh(), world.sam)).rejects.toThrowError(refusal('not_found'));
    expect(lane.calls).toEqual([]);
  });

  test('of one device extends and starts together', async () => {
    const [extending, starting] = [await asking(), await world.run(await world.workspace('plans_and_applies'))];
    const outcomes = await authenticateRuns(world, {
      organization: 'acme',
      runIds: [extending.id, starting.id],
      tokenCode: fresh(),
      by: world.mia,
    });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['authenticated', 'authenticated']);
    expect(lane.calls).toHaveLength(1);
    expect([world.status(extending.id), world.status(starting.id)]).toEqual(['applying', 'plan_queued']);
    expect(await lines(extending.claimId)).toContain('Authenticated with MFA by `mia`');
    expect(await world.log(starting.id, 'plan')).toContain('Authenticated with MFA by `mia`');
    // The other way round a starting one leads, and the parked job of the extension goes.
    const [again, second] = [await asking(), await world.run(await world.workspace('plans_and_applies'))];
    const job = gateJobId(world.extension(again.id, 'apply')?.id ?? '', 0);
    await authenticateRuns(world, {
      organization: 'acme',
      runIds: [second.id, again.id],
      tokenCode: fresh(),
      by: world.mia,
    });
    await world.relay.settled();
    expect((await world.queue.jobStates('gate', [job])).get(job)).toBe('missing');
    expect(world.extension(again.id, 'apply')?.state).toBe('authenticated');
  });
});

describe('a code that is refused', () => {
  test('is told to the worker, and the next may be tried', async () => {
    const running = await asking();
    verdict = { rejection: 'mfa_rejected' };
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_rejected', '1 try is left until'));
    expect(await lines(running.claimId)).toContainEqual(expect.stringContaining('Code of `mia` refused.'));
    verdict = 'accept';
    await submit(running.id);
    expect(world.extension(running.id, 'apply')).toMatchObject({ state: 'authenticated', lastError: null });
  });

  test('for the last time ends the asking, not the run', async () => {
    const running = await asking();
    verdict = { rejection: 'mfa_rejected' };
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_rejected'));
    const words = 'Terraform is asked to stop';
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_too_many_attempts', words));
    expect(world.extension(running.id, 'apply')?.state).toBe('given_up');
    expect(world.status(running.id)).toBe('applying');
    expect((await lines(running.claimId)).at(-1)).toContain('Too many MFA codes were refused');
    verdict = 'accept';
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_too_many_attempts'));
    expect((await world.finish(running.id, 'apply', running.claimId)).status).toBe('applied');
  });
});

describe('a code that does not come', () => {
  test('in time ends the asking, not the run; one that comes after is refused', async () => {
    const running = await asking();
    world.advance(9 * minutes);
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_deadline_passed', 'could be extended until'));
    await expireChallenges(world);
    expect(world.extension(running.id, 'apply')?.state).toBe('given_up');
    expect(world.status(running.id)).toBe('applying');
    expect((await lines(running.claimId)).at(-1)).toContain('No MFA code came in time');
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_deadline_passed'));
    await raiseExtensions(world);
    expect(world.extension(running.id, 'apply')?.extension).toBe(1);
    expect(lane.calls).toEqual([]);
  });

  test('by the gate job is the same, once', async () => {
    const running = await asking();
    const { id: challengeId = '', attempt = 0 } = world.extension(running.id, 'apply') ?? {};
    await recordWorkerReport(world, { type: 'challenge_woke', challengeId, attempt });
    // Woken too early: it goes on waiting with its next try.
    expect(world.extension(running.id, 'apply')).toMatchObject({ state: 'awaiting', attempt: 1 });
    world.advance(9 * minutes);
    for (const _ of [1, 2]) await recordWorkerReport(world, { type: 'challenge_woke', challengeId, attempt: 1 });
    await expireChallenges(world);
    expect(world.extension(running.id, 'apply')?.state).toBe('given_up');
    expect((await lines(running.claimId)).filter((line) => line.includes('No MFA code'))).toHaveLength(1);
  });

  test('makes the run end when its worker stops it, with what the worker says of what was left', async () => {
    const running = await asking();
    world.advance(9 * minutes);
    await expireChallenges(world);
    const message = 'The AWS session ended. 3 of 5 changes were done; 2 were left: aws_db_instance.main, aws_eip.nat.';
    const outcome = { kind: 'failed', reason: 'session_expired', message } as const;
    expect(await world.finish(running.id, 'apply', running.claimId, outcome)).toMatchObject({
      status: 'errored',
      endReason: 'session_expired',
      endMessage: message,
    });
  });

  test('is asked for again by a job that Redis lost', async () => {
    const running = await asking();
    await world.relay.settled();
    const job = gateJobId(world.extension(running.id, 'apply')?.id ?? '', 0);
    await world.queue.removeChallenge(world.extension(running.id, 'apply')?.id ?? '', 0);
    expect((await world.queue.jobStates('gate', [job])).get(job)).toBe('missing');
    await reconcile(world);
    expect((await world.queue.jobStates('gate', [job])).get(job)).toBe('alive');
  });
});

describe('a phase that ends while its code is asked for', () => {
  test('withdraws the question, drops its notes, and takes a session back that comes too late', async () => {
    const running = await asking();
    const challengeId = world.exchanging(running.id, 'apply');
    expect(await world.finish(running.id, 'apply', running.claimId)).toMatchObject({ status: 'applied' });
    expect(world.extension(running.id, 'apply')?.state).toBe('withdrawn');
    expect(
      world.database
        .select()
        .from(phaseNotes)
        .all()
        .filter(({ runId }) => runId === running.id),
    ).toEqual([]);
    await world.relay.settled();
    await world.redis.set(sessionKey(running.id, 'apply'), 'sealed');
    const expiresAt = new Date(world.clock.now().getTime() + 60 * minutes).toISOString();
    const report = { type: 'mfa_authenticated', challengeId, attempt: 0, accessKeyId: 'ASIALATE', expiresAt } as const;
    for (const _ of [1, 2]) await recordWorkerReport(world, report);
    await world.relay.settled();
    expect(await world.redis.exists(sessionKey(running.id, 'apply'))).toBe(0);
    expect((await audited(running.id)).map(({ action }) => action)).toEqual(['run.authenticated']);
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_not_awaited'));
  });

  test('withdraws it also where the run goes on', async () => {
    const run = await world.run(await world.workspace('plans_and_applies'));
    await submit(run.id);
    const { claimId } = await world.claim(run.id, 'plan');
    await world.sessionOpened({ runId: run.id, phase: 'plan', claimId });
    world.advance(50 * minutes);
    await raiseExtensions(world);
    expect(world.extension(run.id, 'plan')?.state).toBe('awaiting');
    expect((await world.finish(run.id, 'plan', claimId)).status).toBe('planned');
    expect(world.extension(run.id, 'plan')?.state).toBe('withdrawn');
    expect(world.challenge(run.id, 'apply').state).toBe('awaiting');
    // A code is for the apply now.
    expect((await submit(run.id)).status).toBe('apply_queued');
  });

  test('by a cancellation asks no more at once', async () => {
    const running = await asking();
    await cancelRun(world, { runId: running.id, comment: '', by: world.mia });
    expect(world.extension(running.id, 'apply')?.state).toBe('withdrawn');
    await expect(submit(running.id)).rejects.toThrowError(refusal('mfa_not_awaited'));
    expect(world.status(running.id)).toBe('applying');
  });

  test('since its worker is lost withdraws it with the run', async () => {
    const running = await asking();
    const giveUp = createGiveUpOnLost(world);
    for (let second = 0; second <= 60; second += 10) {
      world.advance(10_000);
      giveUp();
    }
    expect(requireRun(world.database, running.id).endReason).toBe('worker_lost');
    expect(world.extension(running.id, 'apply')?.state).toBe('withdrawn');
  });
});

describe('reports', () => {
  test('that come twice, or after those of a newer session, ask for no code again', async () => {
    const running = await asking();
    await submit(running.id);
    // The first session's report once more.
    await world.sessionOpened(running, { accessKeyId: `ASIA${running.id}`, endsInMs: 10 * minutes, asksInMs: 0 });
    expect(findPhase(world.database, running.id, 'apply')?.sessionAsksAt).toBeNull();
    await world.sessionOpened(running, { accessKeyId: 'ASIANEW', endsInMs: 60 * minutes });
    await world.sessionOpened(running, { accessKeyId: 'ASIAOLD', endsInMs: 20 * minutes, asksInMs: 0 });
    await raiseExtensions(world);
    expect(findPhase(world.database, running.id, 'apply')?.sessionAccessKeyId).toBe('ASIANEW');
    expect(world.extension(running.id, 'apply')?.extension).toBe(1);
  });

  test('of a newer session, before that of its code, give the question its time', async () => {
    const running = await asking();
    world.exchanging(running.id, 'apply');
    // The worker found the session as the old one ended.
    await world.sessionOpened(running, { accessKeyId: 'ASIANEW', endsInMs: 60 * minutes, asksInMs: 0 });
    await raiseExtensions(world);
    const stopsAt = findPhase(world.database, running.id, 'apply')?.sessionStopsAt;
    expect(world.extension(running.id, 'apply')).toMatchObject({
      extension: 1,
      state: 'exchanging',
      deadlineAt: stopsAt,
    });
  });

  test('of an exchange that ended already change nothing', async () => {
    const running = await asking();
    const challengeId = world.exchanging(running.id, 'apply');
    await world.accept(running.id, 'apply', { accessKeyId: 'ASIAFIRST' });
    await recordWorkerReport(world, { type: 'mfa_rejected', challengeId, attempt: 0, rejection: 'mfa_rejected' });
    const expiresAt = new Date(world.clock.now().getTime() + 60 * minutes).toISOString();
    const again = { type: 'mfa_authenticated', challengeId, attempt: 0, accessKeyId: 'ASIASECOND', expiresAt } as const;
    await world.redis.set(sessionKey(running.id, 'apply'), 'sealed');
    await recordWorkerReport(world, again);
    await world.relay.settled();
    expect(world.extension(running.id, 'apply')).toMatchObject({
      state: 'authenticated',
      sessionAccessKeyId: 'ASIAFIRST',
    });
    expect(await world.redis.exists(sessionKey(running.id, 'apply'))).toBe(1);
    expect((await lines(running.claimId)).filter((line) => line.includes('Authenticated'))).toHaveLength(1);
  });
});

describe('notes', () => {
  test('are repeated until they were seen, in order, and only to the claim that runs the phase', async () => {
    const running = await asking();
    await submit(running.id);
    const [first, second] = (await beat(running.claimId)).notes;
    expect((await beat(running.claimId)).notes).toEqual([first, second]);
    const seen = (sequence = 0) => beat(running.claimId, { [running.claimId]: sequence });
    expect((await seen(first?.sequence)).notes).toEqual([second]);
    expect((await seen(second?.sequence)).notes).toEqual([]);
    expect((await beat('claim-other', { 'claim-other': 0 })).notes).toEqual([]);
    const other = await applying();
    expect((await beat(other.claimId)).notes).toEqual([]);
  });
});
