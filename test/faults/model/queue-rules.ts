import { gateJobId, phaseJobId } from '@gatehouse/shared/jobs';
import { claimablePhase, type RunStatus } from '@gatehouse/shared/run-status';
import { z } from 'zod';
import { outboxTask } from '../../../packages/api/src/domain/outbox-task.ts';
import { Broken, type Tally } from './tally.ts';
import type { World } from './world.ts';

export const rules = {
  jobs: 'queue and outbox lead to the jobs that the status needs',
} as const;

type Task = { runId: string; kind: string; payload: string };
type Open = { id: string; attempt: number; state: string; deadline: number | null };

/**
 * What Redis holds, and what the outbox will still make of it, against what the statuses need: each queued phase has its
 * job, each awaited code its parked one, and there is no other. Redis is read after the store: a task that is done
 * in between is in both, and doing it twice changes nothing.
 */
export async function judgeQueues(world: World, tally: Tally): Promise<void> {
  const runs = world.rows<{ id: string; status: RunStatus }>('select id, status from runs');
  const challenges = world.rows<Open>(
    `select id, attempt, state, deadline_at as deadline from challenges where state in ('awaiting', 'exchanging')`,
  );
  const tasks = world.rows<Task>('select run_id as runId, kind, payload from outbox order by sequence');
  const jobs = new Set([...(await world.lanes.runs.waiting()), ...(await world.lanes.gate.waiting())]);
  for (const task of tasks) perform(jobs, task, world.takenJobs);

  const phasesQueued = runs.flatMap(({ id, status }) => {
    const phase = claimablePhase(status);
    return phase === undefined ? [] : [phaseJobId(id, phase)];
  });
  const parked = challenges.filter(({ state, deadline }) => state === 'awaiting' && deadline !== null);
  const needed = [...phasesQueued, ...parked.map(({ id, attempt }) => gateJobId(id, attempt))];
  // While a code is looked at, its job and those of its batch may be there still, or be in a worker's hands.
  const allowed = new Set([...needed, ...challenges.map(({ id, attempt }) => gateJobId(id, attempt))]);
  tally.judged(rules.jobs, runs.length);
  for (const job of needed) {
    if (!jobs.has(job) && !world.excusedJobs.has(job)) throw new Broken(rules.jobs, `${job} is needed and nowhere`);
  }
  for (const job of jobs) {
    if (!allowed.has(job) && !world.strayJobs.has(job))
      throw new Broken(rules.jobs, `${job} is there, and nothing needs it`);
  }
}

function perform(jobs: Set<string>, { runId, kind, payload }: Task, taken: ReadonlySet<string>): void {
  const add = (job: string) => taken.has(job) || jobs.add(job);
  const task = outboxTask.parse({ kind, ...z.record(z.string(), z.unknown()).parse(JSON.parse(payload)) });
  if (task.kind === 'queue-phase') add(phaseJobId(runId, task.phase));
  if (task.kind === 'remove-phase') jobs.delete(phaseJobId(runId, task.phase));
  if (task.kind === 'park-challenge') add(gateJobId(task.challengeId, task.attempt));
  if (task.kind === 'remove-challenge') jobs.delete(gateJobId(task.challengeId, task.attempt));
}
