import type { MfaLevel } from '@gatehouse/shared/mfa-level';
import type { RunStatus } from '@gatehouse/shared/run-status';
import { chosen, hasApi, openWorkspaces, type Pick } from './choice.ts';
import { ask } from './http.ts';
import { type Claim, passGate, report, takePhase } from './model-worker.ts';
import { type Kind, quiet } from './step.ts';
import { giveCodeFor } from './steps-of-codes.ts';
import { createRun } from './steps-of-people.ts';
import { outcomes } from './steps-of-workers.ts';
import type { KnownRun, World } from './world.ts';

// Statuses that pass quickly, and what seldom comes while a run is in one of them.

type Turn = {
  level: MfaLevel;
  status: RunStatus;
  comes: string;
  happen(world: World, run: KnownRun): Promise<unknown>;
};

const decide = (action: string) => (world: World, run: KnownRun) =>
  ask(world, 'POST', `/runs/${run.id}/actions/${action}`, {});

/** Longer than a session that a code gave. */
const sessionEnds = async (world: World) => {
  world.turnClock(4_200_000);
  await takePhase(world, false);
};

const turns: readonly Turn[] = [
  { level: 'plans_and_applies', status: 'plan_queued', comes: 'its session ends', happen: sessionEnds },
  { level: 'applies_only', status: 'apply_queued', comes: 'its session ends', happen: sessionEnds },
  { level: 'never', status: 'apply_queued', comes: 'it is canceled', happen: decide('cancel') },
  { level: 'applies_only', status: 'awaiting_apply_mfa', comes: 'it is canceled', happen: decide('cancel') },
  { level: 'applies_only', status: 'awaiting_apply_mfa', comes: 'it is discarded', happen: decide('discard') },
  { level: 'never', status: 'planned_and_saved', comes: 'it is confirmed', happen: decide('apply') },
  {
    level: 'never',
    status: 'planning',
    comes: 'terraform fails',
    happen: (world, run) => endPhase(world, run, failed),
  },
  {
    level: 'never',
    status: 'applying',
    comes: 'terraform fails',
    happen: (world, run) => endPhase(world, run, failed),
  },
];

const [changes] = outcomes(0);
const failed = outcomes(0).find(({ kind }) => kind === 'failed');

const toAStatus: Kind = {
  name: 'a run comes to a status, and there what is rare',
  weight: 3,
  isPossible: (world) => hasApi(world) && world.runs.length < 20,
  async happen(world, pick) {
    const turn = chosen(turns, pick.other);
    if (turn === undefined) return 'there is nothing rare';
    await setLevel(world, pick, turn.level);
    for (const api of world.apis) api.holdOutbox(false);
    const before = world.runs.length;
    // 5: its plan is saved; 0: nothing is special about it.
    const queued = await createRun.happen(world, { ...pick, other: turn.status === 'planned_and_saved' ? 5 : 0 });
    const run = world.runs[before];
    if (run === undefined) return queued;
    for (let tries = 0; tries < 12 && world.status(run.id) !== turn.status; tries++) await goOn(world, run);
    const status = world.status(run.id);
    if (status !== turn.status) return `${queued}, and does not come to be ${turn.status}: it is ${status}`;
    await turn.happen(world, run);
    return `${queued}, comes to be ${status}, and ${turn.comes}`;
  },
};

async function setLevel(world: World, { one }: Pick, level: MfaLevel): Promise<void> {
  const workspace = chosen(openWorkspaces(world), one);
  if (workspace === undefined) return;
  const data = { type: 'workspaces', attributes: { 'mfa-level': level } };
  const answer = await ask(world, 'PATCH', `/workspaces/${workspace.id}`, { data });
  if (answer?.status === 200) workspace.level = level;
}

/** What everybody around a run would do next. */
async function goOn(world: World, run: KnownRun): Promise<void> {
  const status = world.status(run.id);
  if (status === 'awaiting_plan_mfa' || status === 'awaiting_apply_mfa') {
    await giveCodeFor(world, run, 0);
    await quiet(world);
    await passGate(world, 'judged');
  } else if (status === 'plan_queued' || status === 'apply_queued') await takePhase(world, false);
  else if (status === 'planning' || status === 'applying') await endPhase(world, run, changes);
  else if (status === 'planned') await decide('apply')(world, run);
  await quiet(world);
}

async function endPhase(world: World, run: KnownRun, outcome: ReturnType<typeof outcomes>[number] | undefined) {
  const claim = world.claims.find((each) => each.runId === run.id && !each.hasReported);
  if (claim !== undefined && outcome !== undefined) await end(world, claim, outcome);
}

/** A worker ends its phase, and says so at once. */
export async function end(world: World, claim: Claim, outcome: ReturnType<typeof outcomes>[number]): Promise<void> {
  claim.hasReported = true;
  const { runId, phase, claimId } = claim;
  await report(world, { type: 'phase_finished', runId, phase, claimId, outcome }, false);
  await claim.job?.complete();
}

export const stepsToAStatus: readonly Kind[] = [toAStatus];
