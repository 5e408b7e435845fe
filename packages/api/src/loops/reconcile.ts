import { gateJobId, phaseJobId } from '@gatehouse/shared/jobs';
import type { RunQueue } from '../queue/run-queue.ts';
import { parkChallenge } from '../services/await-mfa.ts';
import { rejectExchange } from '../services/end-exchange.ts';
import { change, type RunCore } from '../services/run-core.ts';
import { findChallenge, type ParkedChallenge, parkedChallenges, updateOpenChallenge } from '../store/challenges.ts';
import { staleExchanges } from '../store/exchanges.ts';
import { findLanePause } from '../store/lane-pauses.ts';
import { hasTasks } from '../store/outbox.ts';
import { queuedPhases } from '../store/phases.ts';

export type ReconcileDependencies = Omit<RunCore, 'sealer'> & { queue: RunQueue };

/** A gate lane takes a code within milliseconds; after this it never will: the worker, or the code, is gone. */
const unclaimedMs = 15_000;
/** A worker that claimed an exchange hears from STS, or gives STS up, well before this. */
const claimedMs = 30_000;
/** A job that was just added or just taken is not looked at yet. */
const settlingMs = 10_000;
const pageSize = 1_000;
/** Jobs that are added together: after a loss of Redis all are missing, and people work meanwhile. */
const addedAtATime = 32;

/**
 * Makes Redis agree with the store, which is the authority: adds jobs that Redis lost (a restart, a flush, a fail-over),
 * renews those that were used up without anything having come of it, and ends exchanges that nobody answers.
 */
export async function reconcile(dependencies: ReconcileDependencies): Promise<void> {
  endStaleExchanges(dependencies);
  await dependencies.queue.setPaused(findLanePause(dependencies.database, 'runs') !== undefined);
  await restoreGateJobs(dependencies);
  await restorePhaseJobs(dependencies);
}

function endStaleExchanges(core: ReconcileDependencies): void {
  const now = core.clock.now().getTime();
  const stale = staleExchanges(core.database, new Date(now - unclaimedMs), new Date(now - claimedMs));
  if (stale.length === 0) return;
  change(core, (at) => {
    for (const seen of stale) {
      const challenge = findChallenge(at.transaction, seen.id);
      if (challenge?.state !== 'exchanging' || challenge.attempt !== seen.attempt) continue;
      const rejection = challenge.exchangeClaimedAt === null ? 'mfa_code_lost' : 'sts_unreachable';
      rejectExchange(at, challenge, { rejection });
    }
  });
}

async function restoreGateJobs(dependencies: ReconcileDependencies): Promise<void> {
  const { database, queue } = dependencies;
  let after = { deadlineAt: new Date(0), row: 0 };
  for (;;) {
    const page = parkedChallenges(database, after, pageSize);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last;
    const states = await queue.jobStates(
      'gate',
      page.map(({ id, attempt }) => gateJobId(id, attempt)),
    );
    const missing: ParkedChallenge[] = [];
    for (const challenge of page) {
      const { id, attempt } = challenge;
      const state = states.get(gateJobId(id, attempt));
      if (state === 'missing') missing.push(challenge);
      else if (state !== 'alive') renewGateJob(dependencies, id, attempt);
    }
    while (missing.length > 0) {
      const few = missing.splice(0, addedAtATime);
      await Promise.all(few.map(({ id, attempt, deadlineAt }) => queue.parkChallenge(id, attempt, deadlineAt)));
    }
  }
}

/** The job woke, and its report got lost. Its id is used up, so the challenge goes on to the next. */
function renewGateJob(core: ReconcileDependencies, challengeId: string, attempt: number): void {
  change(core, (now) => {
    const challenge = findChallenge(now.transaction, challengeId);
    if (challenge?.state !== 'awaiting' || challenge.attempt !== attempt || challenge.deadlineAt === null) return;
    const next = updateOpenChallenge(now.transaction, challengeId, { attempt: attempt + 1 });
    if (next) parkChallenge(now, next, challenge.deadlineAt);
  });
}

async function restorePhaseJobs({ database, clock, queue }: ReconcileDependencies): Promise<void> {
  const settled = new Date(clock.now().getTime() - settlingMs);
  // What the outbox still holds for a run comes first: a worker must not begin before its log is opened.
  const waiting = queuedPhases(database, settled).filter(({ runId }) => !hasTasks(database, runId));
  if (waiting.length === 0) return;
  const states = await queue.jobStates(
    'runs',
    waiting.map(({ runId, phase }) => phaseJobId(runId, phase)),
  );
  for (const { runId, phase } of waiting) {
    const state = states.get(phaseJobId(runId, phase));
    if (state === 'alive') continue;
    // Taken, but never claimed: nothing has started, so it may be offered again. The claim in the store decides.
    if (state === 'ended') await queue.removePhase(runId, phase);
    await queue.queuePhase(runId, phase);
  }
}
