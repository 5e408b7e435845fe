import { type Phase, runningPhase } from '@gatehouse/shared/run-status';
import type { Outcome } from '@gatehouse/shared/worker-reports';
import { chosen, fitting, hasApi, type Pick } from './choice.ts';
import {
  askAsWorker,
  beat,
  type Claim,
  claimPhase,
  type GateFate,
  nameOf,
  passGate,
  report,
  reportsOf,
  takePhase,
  writeLog,
} from './model-worker.ts';
import { nextSerial, stateOf } from './states.ts';
import type { Kind } from './step.ts';
import type { World } from './world.ts';

const always = () => true;
const hasClaim = (world: World) => world.claims.length > 0;

/** One that runs still and whose worker lives, mostly; now and then a zombie's. */
function claimFor(world: World, { one }: Pick, phase?: Phase): Claim | undefined {
  return fitting(world.claims, one, (claim) => {
    const status = world.status(claim.runId);
    const runs = status !== undefined && runningPhase(status) === claim.phase;
    return runs && !claim.hasReported && (phase === undefined || claim.phase === phase);
  });
}

const ofClaim = (world: World, claim: Claim) => `the ${claim.phase} of ${nameOf(world, claim.runId)}`;
const who = ({ isDead }: Claim) => (isDead ? 'a zombie' : 'the worker');

const take: Kind = {
  name: 'a worker takes a phase',
  weight: 14,
  isPossible: always,
  happen: async (world, { one }) => `a worker takes ${await takePhase(world, one % 12 === 0)}`,
};

const fates: readonly GateFate[] = [
  ...Array<GateFate>(7).fill('judged'),
  ...(['unreachable', 'denied', 'dies with the code', 'dies after AWS', 'reports late', 'reports late'] as const),
];

const gate: Kind = {
  name: 'the gate lane takes a job',
  weight: 11,
  isPossible: always,
  happen: async (world, { one }) => `the gate lane takes ${await passGate(world, chosen(fates, one) ?? 'judged')}`,
};

const secondClaim: Kind = {
  name: 'a claim without a job',
  weight: 1,
  isPossible: (world) => hasApi(world) && world.runs.length > 0,
  async happen(world, { one, other }) {
    const run = fitting(world.runs, one, ({ id }) => !world.isOver(id));
    if (run === undefined) return 'no run to claim';
    const phase = other % 2 === 0 ? 'plan' : 'apply';
    const what = `the ${phase} of ${nameOf(world, run.id)}`;
    return `a worker claims ${what} without a job: ${await claimPhase(world, run.id, phase)}`;
  },
};

export const outcomes = (other: number): readonly Outcome[] => {
  const counts = { resourceAdditions: 1, resourceChanges: 0, resourceDestructions: 0, resourceImports: 0 };
  const changes: Outcome = { kind: 'finished', hasChanges: true, ...counts };
  return [
    ...Array<Outcome>(6).fill(changes),
    { kind: 'finished', hasChanges: false, ...counts, resourceAdditions: 0 },
    { kind: 'failed', reason: 'terraform_failed', message: 'Terraform ended with an error.' },
    { kind: 'canceled', forced: other % 2 === 0 },
  ];
};

const finish: Kind = {
  name: 'a phase ends',
  weight: 14,
  isPossible: hasClaim,
  async happen(world, pick) {
    const claim = claimFor(world, pick);
    const outcome = chosen(outcomes(pick.other), pick.other);
    if (claim === undefined || outcome === undefined) return 'no phase to end';
    const isKeptBack = pick.other % 7 === 6;
    const what = `${ofClaim(world, claim)} as ${outcome.kind}${outcome.kind === 'finished' ? (outcome.hasChanges ? ' with changes' : ' without changes') : ''}`;
    claim.hasReported = true;
    const { runId, phase, claimId } = claim;
    await report(world, { type: 'phase_finished', runId, phase, claimId, outcome }, isKeptBack);
    await claim.job?.complete();
    return `${who(claim)} ends ${what}${isKeptBack ? ', but its report does not come yet' : ''}`;
  },
};

const oldReport: Kind = {
  name: 'an earlier report comes, again or at last',
  weight: 6,
  isPossible: (world) => reportsOf(world).length > 0,
  async happen(world, { one }) {
    const earlier = fitting(reportsOf(world), one, ({ isSent }) => !isSent);
    if (earlier === undefined) return 'no earlier report';
    const how = earlier.isSent ? 'again' : 'at last';
    earlier.isSent = true;
    await world.reports.send(earlier.report);
    const about = 'runId' in earlier.report ? nameOf(world, earlier.report.runId) : '';
    return `${earlier.report.type} ${about} comes ${how}`;
  },
};

const wrongReport: Kind = {
  name: 'a report of the wrong phase or claim',
  weight: 1,
  isPossible: hasClaim,
  async happen(world, { one, other }) {
    const claim = chosen(world.claims, one);
    const foreign = chosen(world.claims, other);
    const outcome = chosen(outcomes(other), other);
    if (claim === undefined || foreign === undefined || outcome === undefined) return 'no claim to mistake';
    const phase = other % 2 === 0 ? claim.phase : claim.phase === 'plan' ? 'apply' : 'plan';
    const isRight = phase === claim.phase && foreign.claimId === claim.claimId;
    const claimId = isRight ? 'claim-of-nobody' : foreign.claimId;
    await world.reports.send({ type: 'phase_finished', runId: claim.runId, phase, claimId, outcome });
    return `a report calls the ${phase} of ${nameOf(world, claim.runId)} ended with the claim of another`;
  },
};

const sessionOpened: Kind = {
  name: 'a session is opened',
  weight: 3,
  isPossible: hasClaim,
  async happen(world, pick) {
    const claim = claimFor(world, pick);
    if (claim === undefined) return 'no phase that has a session';
    const { runId, phase, claimId } = claim;
    const at = (minutes: number) => new Date(world.clock.now().getTime() + minutes * 60_000).toISOString();
    const times = {
      expiresAt: at(60),
      stopsAt: at(59),
      asksAt: pick.other % 4 === 0 ? null : at((pick.other % 3) * 20),
    };
    const accessKeyId = `ASIA${pick.other % 50}`;
    await report(world, { type: 'session_opened', runId, phase, claimId, accessKeyId, ...times }, pick.other % 9 === 8);
    return `${who(claim)} opens a session for ${ofClaim(world, claim)}`;
  },
};

const heartbeat: Kind = {
  name: 'a worker beats',
  weight: 4,
  isPossible: hasApi,
  async happen(world, { one, other }) {
    const zombie = chosen(world.claims, one);
    const also = other % 4 === 0 && zombie !== undefined ? [zombie] : [];
    return `the worker beats ${await beat(world, also)}`;
  },
};

const log: Kind = {
  name: 'a worker writes log',
  weight: 5,
  isPossible: hasClaim,
  async happen(world, pick) {
    const claim = claimFor(world, pick);
    if (claim === undefined) return 'no log to write';
    const how = pick.other % 4 === 1 ? 'again' : pick.other % 7 === 2 ? 'gap' : 'next';
    const text = `line ${pick.other} of terraform\n`.repeat(1 + (pick.other % 20));
    return `${who(claim)} writes to ${ofClaim(world, claim)}: ${await writeLog(world, claim, how, text)}`;
  },
};

const plan: Kind = {
  name: 'a worker uploads a plan',
  weight: 2,
  isPossible: (world) => hasClaim(world) && hasApi(world),
  async happen(world, pick) {
    const claim = claimFor(world, pick, 'plan');
    if (claim === undefined) return 'no plan to upload';
    const url = `/runs/${claim.runId}/plan-artifact`;
    const payload = Buffer.from(`plan of ${claim.claimId}`);
    const answer = await askAsWorker(world, { method: 'PUT', url, token: claim.jobToken, payload });
    return `${who(claim)} uploads the plan artefact of ${ofClaim(world, claim)}: ${answer?.status}`;
  },
};

export const uploadState: Kind = {
  name: 'a worker uploads a state',
  weight: 7,
  isPossible: (world) => hasClaim(world) && hasApi(world),
  async happen(world, pick) {
    const claim = pick.other % 4 === 3 ? chosen(world.claims, pick.one) : claimFor(world, pick, 'apply');
    const run = world.runs.find(({ id }) => id === claim?.runId);
    if (claim === undefined || run === undefined || run.workspace.isDeleted) return 'no state to upload';
    const { workspace } = run;
    // The next one mostly; the same again, with the same serial, or an older one now and then.
    const step = [1, 1, 1, 0, -1][pick.other % 5] ?? 1;
    const serial = nextSerial(workspace) - 1 + step;
    const file = stateOf(workspace, { serial, writer: `${run.id} ${pick.other % 2}` });
    const url = `/runs/${claim.runId}/state`;
    const asked = { method: 'PUT', url, token: claim.jobToken, payload: file.bytes } as const;
    const isDue = step === 1 && world.status(run.id) === 'applying';
    const answer = await askAsWorker(world, asked);
    if (isDue && (answer?.status === 409 || answer?.status === 422)) {
      world.refusedStates.push(`serial ${serial} of ${run.name}: ${answer.text}`);
    }
    if (answer?.status === 204 && workspace.states.at(-1)?.md5 !== file.said.md5) {
      workspace.states.push({ ...file.said, runId: run.id });
    }
    return `${who(claim)} uploads serial ${serial} of ${ofClaim(world, claim)}: ${answer?.status}`;
  },
};

const die: Kind = {
  name: 'a worker dies',
  weight: 2,
  isPossible: hasClaim,
  async happen(world, pick) {
    const claim = claimFor(world, pick);
    if (claim === undefined) return 'no worker to die';
    claim.isDead = true;
    await claim.job?.stall();
    return `the worker of ${ofClaim(world, claim)} dies, or only sleeps`;
  },
};

export const stepsOfWorkers: readonly Kind[] = [
  ...[take, gate, secondClaim, finish, oldReport, wrongReport, sessionOpened, heartbeat, log, plan, uploadState, die],
];
