import { hasApi } from './choice.ts';
import { ask } from './http.ts';
import { passGate, reportsOf, takePhase } from './model-worker.ts';
import { type Kind, quiet } from './step.ts';
import { authenticate, giveCodeFor } from './steps-of-codes.ts';
import { createRun } from './steps-of-people.ts';
import { outcomes, uploadState } from './steps-of-workers.ts';
import { end } from './steps-to-a-status.ts';
import type { KnownRun, World } from './world.ts';

// What single steps meet too seldom in a row.

const runsLeft = (world: World) => hasApi(world) && world.runs.length < 20;

const crashWhileRelaying: Kind = {
  name: 'the api dies while it relays what was just queued',
  weight: 3,
  isPossible: runsLeft,
  async happen(world, pick) {
    const [dying] = world.apis;
    for (const api of world.apis) api.holdOutbox(true);
    const queued = await createRun.happen(world, pick);
    await dying?.beginRelaying(pick.other % 6);
    world.apis.splice(0, 1);
    await dying?.crash();
    for (const api of world.apis) api.holdOutbox(false);
    if (world.apis.length === 0) world.apis.push(await world.start());
    return `${queued}, and the api is killed while it relays that`;
  },
};

const lateYes: Kind = {
  name: 'the answer of AWS comes after its try was given up',
  weight: 2,
  isPossible: hasApi,
  async happen(world, pick) {
    const given = await authenticate.happen(world, { ...pick, other: 0 });
    await quiet(world);
    const before = reportsOf(world).length;
    const taken = await passGate(world, 'reports late');
    const late = reportsOf(world).slice(before);
    if (pick.one % 2 === 0) await cancelAskers(world);
    world.turnClock(31_000);
    for (const api of world.apis) await api.runLoop('reconcile');
    await quiet(world);
    for (const each of late) {
      each.isSent = true;
      await world.reports.send(each.report);
    }
    return `${given}; the gate lane takes ${taken}, but the report comes after the try, or the run, was given up`;
  },
};

/** Up to its apply, which then writes a state; what becomes of it then is left to other steps, or it ends well. */
const wholeRun: Kind = {
  name: 'a run goes through',
  weight: 3,
  isPossible: runsLeft,
  async happen(world, pick) {
    const before = world.runs.length;
    const queued = await createRun.happen(world, { ...pick, other: 2 });
    const run = world.runs[before];
    if (run === undefined) return queued;
    for (let turns = 0; turns < 4; turns++) {
      await quiet(world);
      await giveWhatItWaitsFor(world, run);
      await passGate(world, 'judged');
      await quiet(world);
      await takePhase(world, false);
      await endPlan(world, run.id);
    }
    const apply = world.claims.find((claim) => claim.runId === run.id && claim.phase === 'apply');
    if (apply === undefined) return `${queued}, and does not come to its apply`;
    await uploadState.happen(world, { one: world.claims.indexOf(apply), other: 7 });
    await letZombiesUpload(world, apply.runId);
    if (pick.other % 3 === 0) return `${queued}, and it applies`;
    apply.isDead = pick.other % 3 === 1;
    if (apply.isDead) {
      await apply.job?.stall();
      world.turnClock(pick.one % 2 === 0 ? 1_000 : -600_000);
      return `${queued}, and it applies until its worker dies or sleeps`;
    }
    await endPhase(world, apply);
    return `${queued}, and it is applied`;
  },
};

async function giveWhatItWaitsFor(world: World, run: KnownRun): Promise<void> {
  const status = world.status(run.id);
  if (status === 'awaiting_plan_mfa' || status === 'awaiting_apply_mfa') await giveCodeFor(world, run, 0);
}

/** Runs whose code is being looked at are canceled. */
async function cancelAskers(world: World): Promise<void> {
  const asking = world.rows<{ runId: string }>(`select run_id as runId from challenges where state = 'exchanging'`);
  for (const { runId } of asking) await ask(world, 'POST', `/runs/${runId}/actions/cancel`, {});
}

/** Workers of earlier applies of the same workspace come back with a state of theirs. */
async function letZombiesUpload(world: World, runId: string): Promise<void> {
  const workspaceOf = (id: string) => world.runs.find((run) => run.id === id)?.workspace;
  for (const [index, claim] of world.claims.entries()) {
    if (claim.runId === runId || claim.phase !== 'apply' || workspaceOf(claim.runId) !== workspaceOf(runId)) continue;
    await uploadState.happen(world, { one: index, other: 7 });
  }
}

async function endPlan(world: World, runId: string): Promise<void> {
  const plan = world.claims.find((claim) => claim.runId === runId && claim.phase === 'plan' && !claim.hasReported);
  if (plan !== undefined) await endPhase(world, plan);
}

async function endPhase(world: World, claim: World['claims'][number]): Promise<void> {
  const [withChanges] = outcomes(0);
  if (withChanges !== undefined) await end(world, claim, withChanges);
}

export const stepsTogether: readonly Kind[] = [crashWhileRelaying, lateYes, wholeRun];
