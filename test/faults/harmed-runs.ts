import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gatehouse/dev/free-port';
import { type Run, waitForRun } from '@gatehouse/dev/run-client';
import { isTerminal, runStatuses } from '@gatehouse/shared/run-status';
import { workerLostAfterMs } from '@gatehouse/shared/worker-api';
import { afterAll, beforeAll, expect } from 'vitest';
import { row } from '../suites/row.ts';
import { isWholeSuite } from '../suites/suite.ts';
import { type FaultRun, type FaultWorld, startFaultWorld, tellingConfiguration } from './fault-world.ts';
import { startHoldingRelay } from './holding-relay.ts';
import { type HeldRuns, holdRunsAtEveryStep, type Step, steps } from './steps.ts';
import { tallyRows } from './tally-rows.ts';

/** What has to come of a run that was harmed at a step, and the words for it. */
export type Expected = {
  status: string | readonly string[];
  /** Default: the same words as the status. */
  reasons?: readonly string[];
  holds: string;
};

/** What came of it. */
type Came = { status: string; reason: string; next: string };

export const goesOn: Expected = { status: 'applied', holds: 'it goes on to its end as if nothing had happened' };
export const asksAgain: Expected = {
  status: 'applied',
  holds: 'its outcome comes, or a code is asked for again; then it goes on',
};
export const isLost: Expected = {
  status: 'errored',
  reasons: ['worker_lost'],
  holds: 'it ends as worker_lost within a minute, is not started again, and its workspace is free',
};

/** Of what no worker has to die for. */
export const allGoOn: Record<Step, Expected> = {
  parked: goesOn,
  exchanging: asksAgain,
  claimed: goesOn,
  planning: goesOn,
  'uploading the plan': goesOn,
  waiting: goesOn,
  applying: goesOn,
  'saving the state': goesOn,
  reporting: goesOn,
};

/** SIGSTOP, the time after which a phase that nothing is heard of is given up and then some, SIGCONT. */
export async function pauseBeyondTheLease(pid: number, meanwhile?: () => Promise<void>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await meanwhile?.();
    await delay(workerLostAfterMs + 2 * sweepMs);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** The api looks for lost phases this often. */
const sweepMs = 5_000;

/**
 * A world with a run at each step; `harm` is done to it, then everything that is held goes on. A row for each step, and
 * the tally.
 */
export function harmAtEveryStep(options: {
  area: string;
  name: string;
  harm: (world: FaultWorld, held: HeldRuns) => Promise<void>;
  expected: Record<Step, Expected>;
  workerEnvironment?: Record<string, string>;
}): void {
  if (!isWholeSuite) return;
  let world: FaultWorld;
  let closeRelay: () => Promise<void>;
  let came: Record<string, Came>;

  beforeAll(async () => {
    const port = await freePort();
    const relay = await startHoldingRelay({ port });
    closeRelay = relay.close;
    const workerEnvironment = { ...options.workerEnvironment, GATEHOUSE_API_URL: relay.url };
    world = await startFaultWorld({ port, workerEnvironment });
    const held = await holdRunsAtEveryStep(world, relay);
    await options.harm(world, held);
    await held.release();
    came = Object.fromEntries(
      await Promise.all(steps.map(async (step) => [step, await see(world, held, step)] as const)),
    );
  }, 400_000);
  afterAll(() => closeRelay?.());

  for (const step of steps) {
    const { status, reasons, holds } = options.expected[step];
    row({ area: options.area, harm: options.name, when: step, holds }, () => {
      const statuses = [status].flat();
      expect(came[step]).toEqual({
        status: expect.toBeOneOf(statuses),
        reason: expect.toBeOneOf([...(reasons ?? statuses)]),
        next: expect.toBeOneOf(['applied', 'planned_and_finished']),
      });
    });
  }
  tallyRows(`${options.name}, at every step`, () => world);
}

const endings = runStatuses.filter(isTerminal);
/** A lost worker is given up within a minute, and what goes on after that has its time, too. */
const longestMs = 150_000;

async function see(world: FaultWorld, held: HeldRuns, step: Step): Promise<Came> {
  const run = held.runs[step];
  if (step === 'exchanging') await held.exchange;
  const ended = await driveToItsEnd(world, run);
  const { status } = ended.attributes;
  return { status, reason: ended.attributes['end-reason'] ?? '', next: await nextRunOf(world, run, status) };
}

/** Does what a person would: gives the codes that are asked for, and confirms. */
async function driveToItsEnd(world: FaultWorld, run: FaultRun): Promise<Run> {
  const deadline = Date.now() + longestMs;
  for (;;) {
    const now = await waitForRun(world.api, run.id, [...endings, 'awaiting_mfa', 'planned'], deadline - Date.now());
    const status = now.attributes['gatehouse-status'];
    if (status === 'awaiting_mfa') await world.authenticate(run).catch(() => undefined);
    else if (status === 'planned') {
      await world.api.request('POST', `/api/v2/runs/${run.id}/actions/apply`, {});
      await waitForRun(world.api, run.id, [...endings, 'apply_queued', 'applying'], deadline - Date.now());
    } else return now;
  }
}

/**
 * What becomes of the next run of its workspace. After an apply it is the same again, which must find nothing to do, or
 * the state is wrong; otherwise another one, since what was harmed is not to be done twice.
 */
async function nextRunOf(world: FaultWorld, { name, workspaceId }: FaultRun, status: string): Promise<string> {
  const another = { 'main.tf': 'output "free" { value = 1 }' };
  const files = status === 'applied' ? tellingConfiguration(world.effects.port, name) : another;
  const next = await world.queueRun(workspaceId, files);
  return (await driveToItsEnd(world, { ...next, name, workspaceId })).attributes.status;
}
