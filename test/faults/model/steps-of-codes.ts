import { canConfirm, phaseAwaitingMfa, runningPhase } from '@gatehouse/shared/run-status';
import { chosen, hasRun, runFor } from './choice.ts';
import { ask, type InjectPayload, said } from './http.ts';
import type { Kind } from './step.ts';
import { type KnownRun, organizations, serial, type World } from './world.ts';

/** Which code is given: one that the device shows, one that it never shows, or one that was given before. */
function codeFor(world: World, other: number): { what: string; code: string } {
  const earlier = [...world.sentCodes.values()];
  const again = chosen(earlier, other);
  if (other % 4 === 3 && again !== undefined) return { what: 'a code that was given before', code: again.code };
  if (other % 4 === 2) return { what: 'a wrong code', code: world.aws.wrongCode(other) };
  return { what: 'a fresh code', code: world.aws.freshCode(serial) };
}

const awaitsCode = (world: World) => (run: KnownRun) => {
  const status = world.status(run.id);
  if (status === undefined) return false;
  return (
    phaseAwaitingMfa(status) !== undefined ||
    (canConfirm(status) && run.level !== 'never') ||
    (runningPhase(status) !== undefined && openChallenges(world, run.id).length > 0)
  );
};

type OpenChallenge = { id: string; attempt: number; exchange: string | null };
const openChallenges = (world: World, runId: string) =>
  world.rows<OpenChallenge>(
    `select id, attempt, exchange_id as exchange from challenges where run_id = '${runId}' and state in ('awaiting', 'exchanging')`,
  );

async function giveCode(world: World, path: string, runIds: readonly string[], code: string, body: InjectPayload) {
  const before = new Set(runIds.flatMap((id) => openChallenges(world, id).map(({ exchange }) => exchange)));
  const answer = await ask(world, 'POST', path, body);
  for (const { exchange } of runIds.flatMap((id) => openChallenges(world, id))) {
    if (exchange === null || before.has(exchange)) continue;
    world.sentCodes.set(exchange, { serial, code, at: world.clock.now().getTime() });
  }
  return answer;
}

export const authenticate: Kind = {
  name: 'give a code for a run',
  weight: 11,
  isPossible: hasRun,
  async happen(world, pick) {
    const run = runFor(world, pick, awaitsCode(world));
    return run === undefined ? 'no run to give a code for' : giveCodeFor(world, run, pick.other);
  },
};

export async function giveCodeFor(world: World, run: KnownRun, other: number): Promise<string> {
  const { what, code } = codeFor(world, other);
  const before = world.status(run.id);
  const path = `/runs/${run.id}/actions/authenticate`;
  const answer = await giveCode(world, path, [run.id], code, { 'token-code': code });
  return `olga gives ${what} for ${run.name} (${before}): ${said(answer)}`;
}

const authenticateSeveral: Kind = {
  name: 'give a code for several runs',
  weight: 3,
  isPossible: hasRun,
  async happen(world, { one, other }) {
    const organization = chosen(organizations, one) ?? 'acme';
    const ofIt = world.runs.filter((run) => run.workspace.organization === organization);
    const waiting = ofIt.filter(awaitsCode(world));
    const runs = (waiting.length > 0 ? waiting : ofIt).slice(0, 4);
    if (runs.length === 0) return `no runs of ${organization} to give a code for`;
    const { what, code } = codeFor(world, other);
    const ids = runs.map(({ id }) => id);
    const path = `/organizations/${organization}/actions/authenticate`;
    const answer = await giveCode(world, path, ids, code, { 'token-code': code, 'run-ids': ids });
    return `olga gives ${what} for ${runs.map(({ name }) => name).join(', ')} at once: ${said(answer)}`;
  },
};

export const stepsOfCodes: readonly Kind[] = [authenticate, authenticateSeveral];
