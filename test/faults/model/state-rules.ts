import { Broken, type Tally } from './tally.ts';
import type { KnownWorkspace, World } from './world.ts';

export const rules = {
  up: 'serials of states only go up, and none that was taken is lost',
  taken: 'the next state of an apply that runs is taken',
  order: 'no state is written over what came after its run',
} as const;

type Version = { sequence: number; workspaceId: string; runId: string | null; serial: number; md5: string };

/** Versions that were judged when they came. */
const judged = new WeakMap<World, Set<number>>();

export function judgeStates(world: World, tally: Tally): void {
  const versions = world.rows<Version>(
    `select sequence, workspace_id as workspaceId, run_id as runId, serial, md5 from state_versions order by sequence`,
  );
  for (const workspace of world.workspaces.filter(({ isDeleted }) => !isDeleted)) {
    const ofIt = versions.filter(({ workspaceId }) => workspaceId === workspace.id);
    judgeWorkspace(workspace, ofIt);
    tally.judged(rules.up, ofIt.length);
  }
  tally.judged(
    rules.taken,
    world.workspaces.reduce((sum, { states }) => sum + states.length, 0),
  );
  const [refused] = world.refusedStates;
  if (refused !== undefined) throw new Broken(rules.taken, refused);
  const seen = judged.get(world) ?? new Set<number>();
  judged.set(world, seen);
  for (const version of versions) {
    if (seen.has(version.sequence)) continue;
    seen.add(version.sequence);
    tally.judged(rules.order, 1);
    judgeOrder(world, version, versions);
  }
}

function judgeWorkspace(workspace: KnownWorkspace, versions: readonly Version[]): void {
  const wrong = (why: string) => new Broken(rules.up, `${workspace.name}: ${why}`);
  for (const [index, version] of versions.entries()) {
    const before = versions[index - 1];
    if (before === undefined || version.serial > before.serial) continue;
    const isOwn = version.serial === before.serial && version.runId !== null && version.runId === before.runId;
    if (!isOwn) throw wrong(`serial ${version.serial} came after ${before.serial}`);
  }
  const missing = workspace.states.find(({ md5 }) => !versions.some((version) => version.md5 === md5));
  if (missing) throw wrong(`serial ${missing.serial} was taken and is not there`);
  const [current, last] = [versions.at(-1), workspace.states.at(-1)];
  if (current?.md5 !== last?.md5) throw wrong(`the current state is not the one that was taken last`);
}

/** By the order of the history, which no clock can turn round. */
function judgeOrder(world: World, { runId, workspaceId, sequence }: Version, versions: readonly Version[]): void {
  if (runId === null) return;
  const starts = world.rows<{ runId: string; sequence: number; startedAfter: number }>(
    `select h.run_id as runId, h.sequence from run_history h join runs r on r.id = h.run_id
     where h.event = 'applyStarted' and r.workspace_id = '${workspaceId}' order by h.sequence`,
  );
  const own = starts.findIndex((start) => start.runId === runId);
  if (own === -1) throw new Broken(rules.order, `a state of ${runId}, whose apply never began`);
  const name = world.runs.find(({ id }) => id === runId)?.name ?? runId;
  if (own < starts.length - 1) throw new Broken(rules.order, `${name} wrote a state after a later apply had begun`);
  const before = versions.filter((each) => each.workspaceId === workspaceId && each.sequence < sequence).at(-1);
  const first = versions.find((each) => each.runId === runId);
  // Whoever wrote between two states of this run wrote after its apply began.
  if (before && first && first.sequence < before.sequence && before.runId !== runId) {
    throw new Broken(rules.order, `${name} wrote a state over one that came after it began`);
  }
}
