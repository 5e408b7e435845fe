import { sessionKey } from '@gatehouse/shared/jobs';
import { canConfirm, isTerminal, type Phase, type RunEvent, type RunStatus } from '@gatehouse/shared/run-status';
import { loopNames, mfaDeadlineMs } from './api-process.ts';
import { chosen } from './choice.ts';
import { ask } from './http.ts';
import { judgeAll } from './invariants.ts';
import { passGate, report, reportsOf, takePhase } from './model-worker.ts';
import { quiet } from './step.ts';
import { outcomes } from './steps-of-workers.ts';
import { Broken, type Tally } from './tally.ts';
import type { World } from './world.ts';

export const rules = {
  ends: 'every queued run ends',
  nothing: 'nothing is left of a run that ended',
} as const;

/** As often everything may turn before a run that is not over counts as stuck. */
const rounds = 12;

/** Nobody does any harm any more, and nobody helps either: workers work, loops turn, deadlines pass, finished plans are decided on. */
export async function drain(world: World, tally: Tally): Promise<void> {
  world.say('--- from here on nothing goes wrong, and nobody gives codes');
  if (world.apis.length === 0) world.apis.push(await world.start());
  for (const api of world.apis) api.holdOutbox(false);
  world.turnClockPast(1_000);
  for (const lane of ['gate', 'runs']) await ask(world, 'POST', '/queue/actions/resume', { lane });
  for (const { id, lockedSince } of world.workspaces.filter(({ isDeleted }) => !isDeleted)) {
    if (lockedSince !== undefined) await ask(world, 'POST', `/workspaces/${id}/actions/force-unlock`, {});
  }
  for (const workspace of world.workspaces) workspace.lockedSince = undefined;
  for (const claim of world.claims) claim.isDead = true;
  for (let round = 0; round < rounds && openRuns(world).length > 0; round++) await turn(world, tally);
  tally.judged(rules.ends, world.runs.length);
  const stuck = openRuns(world);
  if (stuck.length > 0) {
    throw new Broken(
      rules.ends,
      stuck.map(({ id, status }) => `${nameOf(world, id)} is ${status} for ever`).join(', '),
    );
  }
  // Reports and sweeps that come after the end change nothing, and what they leave is seen to.
  world.turnClockPast(mfaDeadlineMs);
  await turn(world, tally);
  await judgeRest(world, tally);
  meetTransitions(world, tally);
}

async function turn(world: World, tally: Tally): Promise<void> {
  await quiet(world);
  await work(world);
  for (const { id, status } of openRuns(world)) {
    if (canConfirm(status)) {
      const isWanted = world.runs.findIndex((run) => run.id === id) % 2 === 0;
      await ask(world, 'POST', `/runs/${id}/actions/${isWanted ? 'apply' : 'discard'}`, {});
    }
  }
  await quiet(world);
  // Twice: silence counts from when a process began to listen.
  for (let looks = 0; looks < 2; looks++) {
    for (const name of loopNames) await Promise.all(world.apis.map((api) => api.runLoop(name)));
    await quiet(world);
    world.turnClockPast(12_000);
  }
  for (const name of ['give-up-on-lost', 'reconcile'] as const) {
    for (let seconds = 0; seconds < 45; seconds += 5) {
      world.turnClockPast(5_000);
      await Promise.all(world.apis.map((api) => api.runLoop(name)));
    }
  }
  world.turnClockPast(mfaDeadlineMs + 1_000);
  await quiet(world);
  world.excusedJobs.clear();
  for (const api of world.apis) await api.runLoop('reconcile');
  await quiet(world);
  await judgeAll(world, tally);
}

/** Healthy workers take all that there is, and end what they take. */
async function work(world: World): Promise<void> {
  for (let jobs = 0; jobs < 60; jobs++) {
    const taken = [await takePhase(world, false), await passGate(world, 'judged')];
    for (const claim of world.claims) {
      if (claim.isDead || claim.hasReported) continue;
      claim.hasReported = true;
      const { runId, phase, claimId } = claim;
      const outcome = chosen(outcomes(0), world.claims.indexOf(claim));
      if (outcome === undefined) continue;
      await report(world, { type: 'phase_finished', runId, phase, claimId, outcome }, false);
      await claim.job?.complete();
    }
    await quiet(world);
    if (taken.every((what) => what === 'and finds nothing')) return;
  }
}

async function judgeRest(world: World, tally: Tally): Promise<void> {
  const left = (what: string, statement: string) => {
    const rows = world.rows<Record<string, unknown>>(statement);
    tally.judged(rules.nothing, 1);
    if (rows.length > 0) throw new Broken(rules.nothing, `${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  };
  left('tasks of the outbox', 'select run_id, kind, attempts from outbox');
  left('open challenges', `select id, state from challenges where state in ('awaiting', 'exchanging')`);
  left('notes for phases', 'select run_id, phase from phase_notes');
  left('locks', 'select id from workspaces where locked_by is not null');
  left('phases without an end', 'select run_id, phase from run_phases where claim_id is not null and outcome is null');
  left(
    'logs that were not archived',
    'select run_id, phase from run_phases where claim_id is not null and log_archived_at is null',
  );
  left('sessions to be asked for', 'select run_id, phase from run_phases where session_asks_at is not null');
  const waiting = [...(await world.lanes.runs.waiting()), ...(await world.lanes.gate.waiting())];
  const jobs = waiting.filter((job) => !world.strayJobs.has(job));
  if (jobs.length > 0) throw new Broken(rules.nothing, `jobs: ${jobs.join(', ')}`);
  if ((await world.reports.failed()) > 0) throw new Broken(rules.nothing, 'reports that the api could not take');
  for (const key of await world.redis.keys('*:*')) await judgeKey(world, key);
}

/** What Redis keeps of a run that is over goes by itself; a session of which the api was told is not among it. */
async function judgeKey(world: World, key: string): Promise<void> {
  if (!/^(session|log|mfa-code):/.test(key)) return;
  if ((await world.redis.ttl(key)) === -1) throw new Broken(rules.nothing, `${key} stays in Redis for ever`);
  if (toldSessions(world).has(key)) throw new Broken(rules.nothing, `${key} outlives its run`);
}

/** Where the sessions lie that reports spoke of which have come. */
function toldSessions(world: World): Set<string> {
  const challenges = world.rows<{ id: string; runId: string; phase: Phase }>(
    'select id, run_id as runId, phase from challenges',
  );
  const keys = reportsOf(world).flatMap(({ report: told, isSent }) => {
    if (told.type !== 'mfa_authenticated' || !isSent) return [];
    const challenge = challenges.find(({ id }) => id === told.challengeId);
    return challenge === undefined ? [] : [sessionKey(challenge.runId, challenge.phase)];
  });
  return new Set(keys);
}

function meetTransitions(world: World, tally: Tally): void {
  const lines = world.rows<{ from: RunStatus; event: RunEvent }>(
    `select from_status as 'from', event from run_history where from_status is not null`,
  );
  for (const { from, event } of lines) tally.met(from, event);
  const ends = world.rows<{ how: string }>(
    `select 'run · ' || end_reason as how from runs union all
     select 'challenge' || iif(extension > 0, ' to extend · ', ' · ') || state as how from challenges`,
  );
  for (const { how } of ends) tally.ended(how);
  tally.sequences++;
  tally.runsEnded += world.runs.length;
}

function openRuns(world: World): { id: string; status: RunStatus }[] {
  return world
    .rows<{ id: string; status: RunStatus }>('select id, status from runs')
    .filter(({ status }) => !isTerminal(status));
}

function nameOf(world: World, runId: string): string {
  return world.runs.find(({ id }) => id === runId)?.name ?? runId;
}
