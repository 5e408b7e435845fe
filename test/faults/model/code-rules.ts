import { gateJobId } from '@gatehouse/shared/jobs';
import { needsMfa } from '@gatehouse/shared/mfa-level';
import { authenticatedEvent, type Phase, phases, type RunEvent, startedEvent } from '@gatehouse/shared/run-status';
import { Broken, type Tally } from './tally.ts';
import type { KnownRun, World } from './world.ts';

export const rules = {
  needed: 'no phase without its code or its decision',
  asked: 'a run keeps the level that it was queued with',
  yes: 'nothing is authenticated without a yes of AWS',
  spent: 'no code is spent twice',
} as const;

/** As long the api knows a code that was accepted (end-exchange.ts), and refuses it itself. */
const rememberedMs = 5 * 60_000;

type Challenge = {
  id: string;
  runId: string;
  phase: Phase;
  extension: number;
  state: string;
  attempt: number;
  exchangeId: string | null;
  authenticatedAt: number | null;
};
type Line = { runId: string; event: RunEvent; by: string };

/** Codes that the api is known to have accepted: with which exchange, and when. */
const accepted = new WeakMap<World, Map<string, { exchangeId: string; at: number }>>();
/** Exchanges that were judged when they began. */
const begun = new WeakMap<World, Set<string>>();

export function judgeCodes(world: World, tally: Tally): void {
  const challenges = world.rows<Challenge>(
    `select id, run_id as runId, phase, extension, state, attempt, exchange_id as exchangeId,
     authenticated_at as authenticatedAt from challenges`,
  );
  const lines = world.rows<Line>('select run_id as runId, event, by from run_history order by sequence');
  const levels = new Map(
    world
      .rows<{ id: string; level: string }>('select id, mfa_level as level from runs')
      .map((row) => [row.id, row.level]),
  );
  judgeSpent(world, challenges, tally);
  for (const challenge of challenges.filter(({ state }) => state === 'authenticated')) {
    tally.judged(rules.yes, 1);
    if (world.aws.released.has(gateJobId(challenge.id, challenge.attempt))) continue;
    throw new Broken(rules.yes, `the ${challenge.phase} of ${nameOf(world, challenge.runId)} was released by nothing`);
  }
  for (const run of world.runs) {
    const level = levels.get(run.id);
    if (level === undefined) continue;
    tally.judged(rules.asked, 1);
    if (level !== run.level) throw new Broken(rules.asked, `${run.name} was queued at ${run.level} and has ${level}`);
    const ofRun = lines.filter(({ runId }) => runId === run.id);
    for (const phase of phases) judgeStart(run, phase, { lines: ofRun, challenges, world, tally });
  }
}

type Known = { lines: readonly Line[]; challenges: readonly Challenge[]; world: World; tally: Tally };

function judgeStart(run: KnownRun, phase: Phase, { lines, challenges, world, tally }: Known): void {
  const started = lines.findIndex(({ event }) => event === startedEvent[phase]);
  if (started === -1) return;
  const before = lines.slice(0, started);
  tally.judged(rules.needed, 1);
  const wrong = (why: string) => new Broken(rules.needed, `the ${phase} of ${run.name} (${run.level}) began ${why}`);
  if (!needsMfa(run.level, phase)) {
    const decision = before.findLast(({ event }) => event === 'applyConfirmed');
    const isDecided = decision?.by === 'olga' || (run.autoApply && decision !== undefined);
    if (phase === 'apply' && !isDecided) throw wrong('without a decision');
    return;
  }
  const challenge = challenges.find((each) => each.runId === run.id && each.phase === phase && each.extension === 0);
  const call = challenge && world.aws.released.get(gateJobId(challenge.id, challenge.attempt));
  if (call === undefined || challenge?.state !== 'authenticated') throw wrong('without a code');
  if (!before.some(({ event }) => event === authenticatedEvent[phase])) throw wrong('before its code was accepted');
  const other = challenges.find((each) => each.runId === run.id && each.phase === 'plan' && each.extension === 0);
  const ofPlan = other && world.aws.released.get(gateJobId(other.id, other.attempt));
  if (phase === 'apply' && ofPlan?.code === call.code) throw wrong('with the code of its plan');
}

/** A code that was accepted, or that is on its way, begins no other exchange, for whatever run or organization. */
function judgeSpent(world: World, challenges: readonly Challenge[], tally: Tally): void {
  const known = accepted.get(world) ?? new Map<string, { exchangeId: string; at: number }>();
  accepted.set(world, known);
  const seen = begun.get(world) ?? new Set<string>();
  begun.set(world, seen);
  for (const [exchangeId, { serial, code, at }] of world.sentCodes) {
    if (seen.has(exchangeId)) continue;
    seen.add(exchangeId);
    tally.judged(rules.spent, 1);
    const before = known.get(`${serial} ${code}`);
    if (before !== undefined && before.exchangeId !== exchangeId && world.latest() - before.at < rememberedMs) {
      throw new Broken(rules.spent, `${exchangeId} began with a code that ${before.exchangeId} had spent`);
    }
    const beside = challenges.find((each) => {
      if (each.state !== 'exchanging' || each.exchangeId === null || each.exchangeId === exchangeId) return false;
      const sent = world.sentCodes.get(each.exchangeId);
      return sent?.code === code && sent.serial === serial && sent.at <= at;
    });
    if (beside)
      throw new Broken(rules.spent, `${exchangeId} began with a code that is on its way with ${beside.exchangeId}`);
  }
  for (const { state, exchangeId, authenticatedAt } of challenges) {
    const sent = exchangeId === null ? undefined : world.sentCodes.get(exchangeId);
    if (state !== 'authenticated' || sent === undefined || exchangeId === null) continue;
    const name = `${sent.serial} ${sent.code}`;
    const before = known.get(name);
    if (before !== undefined && before.exchangeId !== exchangeId) {
      throw new Broken(rules.spent, `${exchangeId} and ${before.exchangeId} were released by one code`);
    }
    if (before === undefined) known.set(name, { exchangeId, at: authenticatedAt ?? world.clock.now().getTime() });
  }
}

function nameOf(world: World, runId: string): string {
  return world.runs.find(({ id }) => id === runId)?.name ?? runId;
}
