import { waitForRun } from '@gatehouse/dev/run-client';
import { vi } from 'vitest';
import type { FaultRun, FaultWorld } from './fault-world.ts';
import type { Held, HoldingRelay } from './holding-relay.ts';
import { openReportHold } from './report-hold.ts';
import { resourcesIn } from './tally.ts';

/** The steps of a run at which it can be hit, in their order. */
export const steps = [
  'parked',
  'exchanging',
  'claimed',
  'planning',
  'uploading the plan',
  'waiting',
  'applying',
  'saving the state',
  'reporting',
] as const;
export type Step = (typeof steps)[number];

export type HeldRuns = {
  runs: Record<Step, FaultRun>;
  /** The answer to the code that is in exchange, or the error that came instead. */
  exchange: Promise<unknown>;
  /** Lets what a worker asks of the api go on. */
  releaseRequests(): void;
  /** Lets the api take what was reported. */
  releaseReports(): Promise<void>;
  /** Lets everything go on that waits. */
  release(): Promise<void>;
};

/** How long STS takes for the code that is in exchange: longer than it takes to begin with the harm. */
const exchangeMs = 8_000;

const nameOf = (step: Step) => step.replaceAll(' ', '-');

/** One run at each step of its life, each standing still there. */
export async function holdRunsAtEveryStep(world: FaultWorld, relay: HoldingRelay): Promise<HeldRuns> {
  const { api, effects } = world;
  const held: Held[] = [];
  const queue = (step: Step, level: 'never' | 'plans_and_applies' = 'never') =>
    world.queue(nameOf(step), { level, autoApply: step !== 'waiting' });

  /** Held before the api hears what its worker asks for. */
  async function atRequest(step: Step, method: string, tail: string, body = '') {
    const run = await queue(step);
    const holds = (verb: string, path: string, sent: Buffer) =>
      verb === method && path.includes(`/runs/${run.id}/`) && path.endsWith(tail) && sent.includes(body);
    const hold = relay.put({ when: 'before', holds });
    held.push(hold);
    return { run, reached: hold.reached };
  }
  /** Held inside terraform. */
  async function atEffect(step: Step, call: 'plan' | 'apply') {
    const path = `/${nameOf(step)}/${call}`;
    effects.hold(path);
    const run = await queue(step);
    return { run, reached: effects.reached(path), release: () => effects.release(path) };
  }

  const waiting = await queue('waiting');
  await waitForRun(api, waiting.id, ['planned']);
  const parked = await queue('parked', 'plans_and_applies');
  const exchanging = await queue('exchanging', 'plans_and_applies');
  const planning = await atEffect('planning', 'plan');
  const uploading = await atRequest('uploading the plan', 'PUT', '/plan-artifact');
  const applying = await atEffect('applying', 'apply');
  const saving = await atRequest('saving the state', 'PUT', '/state', 'second');
  const reporting = await atEffect('reporting', 'apply');
  await Promise.all([planning, uploading, applying, saving, reporting].map(({ reached }) => reached));
  await vi.waitFor(
    async () => {
      if (!(await resourcesIn(world, applying.run.workspaceId)).includes('first')) throw new Error('No state yet.');
    },
    { timeout: 30_000, interval: 100 },
  );

  // From here on no report is taken, so nothing may have to move but what is to stand there.
  const reports = openReportHold(world.stack.dev.redisUrl);
  await reports.hold();
  reporting.release();
  await reports.waits('phase_finished');
  await world.emulator('POST', '/faults', { kind: 'delay', ms: exchangeMs, times: 1, action: 'GetSessionToken' });
  const callsBefore = (await world.stsCalls()).length;
  const exchange = world.authenticate(exchanging).catch((error: unknown) => error);
  await vi.waitFor(
    async () => {
      if ((await world.stsCalls()).length === callsBefore) throw new Error('No call to STS yet.');
    },
    { timeout: 30_000, interval: 50 },
  );

  // The only run that anybody claims now: its id is known too late to hold it by that. Last, for a worker that does not
  // hear of its claim soon asks again.
  const claims = relay.put({ when: 'after', holds: (_method, path) => path.endsWith('/phases/plan/claim') });
  held.push(claims);
  const claimed = await queue('claimed');
  await claims.reached;
  claims.letLaterPass();

  function releaseRequests(): void {
    for (const hold of held) hold.release();
  }
  return {
    runs: {
      parked,
      exchanging,
      claimed,
      planning: planning.run,
      'uploading the plan': uploading.run,
      waiting,
      applying: applying.run,
      'saving the state': saving.run,
      reporting: reporting.run,
    },
    exchange,
    releaseRequests,
    releaseReports: () => reports.release(),
    async release() {
      releaseRequests();
      planning.release();
      applying.release();
      await reports.release();
    },
  };
}
