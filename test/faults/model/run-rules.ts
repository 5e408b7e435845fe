import {
  isActive,
  isDecided,
  isTerminal,
  nextStatus,
  type Phase,
  type RunEvent,
  type RunStatus,
  runningPhase,
} from '@gatehouse/shared/run-status';
import { Broken, type Tally } from './tally.ts';
import type { World } from './world.ts';

export const rules = {
  oneActive: 'one active run a workspace, first in first out',
  table: 'no transition outside the table',
  once: 'no phase starts twice',
  waits: 'no run waits for nothing',
  phases: 'what a phase came to agrees with the status of its run',
} as const;

type Line = { sequence: number; runId: string; event: RunEvent | 'created'; from: RunStatus | null; to: RunStatus };
type Run = { sequence: number; id: string; status: RunStatus; workspaceId: string; planOnly: number; savePlan: number };

/** Holds its workspace: the rule in words of its own, not the product's query. */
function holds(run: Run, status: RunStatus): boolean {
  return run.planOnly === 0 && isActive(status) && (run.savePlan === 0 || isDecided(status));
}

const queues = (run: Run) => run.planOnly === 0 && run.savePlan === 0;

/** The history is played again, line by line, and must be one that the table and the workspaces' queues allow. */
export function judgeRuns(world: World, tally: Tally): void {
  const runs = world.rows<Run>(
    `select sequence, id, status, workspace_id as workspaceId, plan_only as planOnly, save_plan as savePlan from runs`,
  );
  const byId = new Map(runs.map((run) => [run.id, run]));
  const statuses = new Map<string, RunStatus>();
  const lines = world.rows<Line>(
    `select sequence, run_id as runId, event, from_status as 'from', to_status as 'to' from run_history order by sequence`,
  );
  const starts = new Set<string>();
  for (const line of lines) {
    const run = byId.get(line.runId);
    if (run === undefined) throw new Broken(rules.table, `history of ${line.runId}, which does not exist`);
    const before = statuses.get(run.id);
    if (before !== (line.from ?? undefined)) {
      throw new Broken(rules.table, `${named(world, run)} was ${before}, and ${line.event} begins at ${line.from}`);
    }
    const to = line.event === 'created' ? 'pending' : before && nextStatus(before, line.event);
    if (to !== line.to)
      throw new Broken(rules.table, `${line.event} led ${named(world, run)} from ${before} to ${line.to}`);
    if (line.event === 'planStarted' || line.event === 'applyStarted') {
      const start = `${run.id} ${line.event}`;
      if (starts.has(start)) throw new Broken(rules.once, `${line.event} twice for ${named(world, run)}`);
      starts.add(start);
    }
    statuses.set(run.id, line.to);
    judgeTurn(world, { runs, statuses, line, run });
  }
  for (const run of runs) {
    if (statuses.get(run.id) !== run.status) {
      throw new Broken(rules.table, `${named(world, run)} is ${run.status}, its history says ${statuses.get(run.id)}`);
    }
  }
  for (const { name, claims } of world.runs) {
    if (claims.plan > 1 || claims.apply > 1) throw new Broken(rules.once, `a phase of ${name} was claimed twice`);
  }
  judgeWaits(world, runs);
  judgePhases(world, byId, tally);
  tally.judged(rules.table, lines.length);
  tally.judged(rules.oneActive, runs.length);
  tally.judged(rules.once, starts.size);
  tally.judged(rules.waits, runs.length);
}

type Turn = { runs: readonly Run[]; statuses: ReadonlyMap<string, RunStatus>; line: Line; run: Run };

function judgeTurn(world: World, { runs, statuses, line, run }: Turn): void {
  const neighbours = runs.filter(({ workspaceId }) => workspaceId === run.workspaceId);
  const statusOf = (each: Run) => statuses.get(each.id);
  const holders = neighbours.filter((each) => {
    const status = statusOf(each);
    return status !== undefined && holds(each, status);
  });
  if (holders.length > 1) {
    throw new Broken(rules.oneActive, `${holders.map((each) => named(world, each)).join(' and ')} are both active`);
  }
  if (line.from !== 'pending' || isTerminal(line.to) || !queues(run)) return;
  const passed = neighbours.find(
    (each) => each.sequence < run.sequence && queues(each) && statusOf(each) === 'pending',
  );
  if (passed)
    throw new Broken(rules.oneActive, `${named(world, run)} passed ${named(world, passed)}, which came first`);
  const since = world.workspaces.find(({ id }) => id === run.workspaceId)?.lockedSince;
  if (since !== undefined && line.sequence > since) {
    throw new Broken(rules.oneActive, `${named(world, run)} began in a locked workspace`);
  }
}

function judgeWaits(world: World, runs: readonly Run[]): void {
  const locked = new Set(
    world.rows<{ id: string }>('select id from workspaces where locked_by is not null').map(({ id }) => id),
  );
  for (const run of runs) {
    if (run.status !== 'pending' || locked.has(run.workspaceId)) continue;
    const isHeld = runs.some((each) => each.workspaceId === run.workspaceId && holds(each, each.status));
    if (!isHeld) throw new Broken(rules.waits, `${named(world, run)} is pending, and nothing holds its workspace`);
  }
}

type PhaseRow = { runId: string; phase: Phase; claimId: string | null; outcome: string | null };

function judgePhases(world: World, runs: ReadonlyMap<string, Run>, tally: Tally): void {
  const rows = world.rows<PhaseRow>('select run_id as runId, phase, claim_id as claimId, outcome from run_phases');
  tally.judged(rules.phases, rows.length);
  for (const { runId, phase, claimId, outcome } of rows) {
    const run = runs.get(runId);
    if (run === undefined) continue;
    const isRunning = runningPhase(run.status) === phase;
    const isRight = isRunning ? claimId !== null && outcome === null : claimId === null || outcome !== null;
    if (isRight) continue;
    throw new Broken(
      rules.phases,
      `${named(world, run)} is ${run.status}, its ${phase} came to ${outcome ?? 'nothing yet'}`,
    );
  }
}

function named(world: World, run: Run): string {
  return world.runs.find(({ id }) => id === run.id)?.name ?? run.id;
}
