import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { type Phase, phases, runningPhase } from '@gatehouse/shared/run-status';
import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { findPhase } from '../store/phases.ts';
import { findRun, type Run } from '../store/runs.ts';

const context = 'job-token';

const contents = z.strictObject({
  runId: z.string(),
  phase: z.enum(phases),
  claimId: z.string(),
  /** Milliseconds since 1970. */
  expiresAtMs: z.int(),
});

/** What a job token opens: one phase of one run, for the worker that claimed it. */
export type Job = { run: Run; phase: Phase; claimId: string };

/** The worker's key to what belongs to the phase that it claimed. Sealed, so that nobody else can make one. */
export function issueJobToken(
  { sealer }: { sealer: Pick<Sealer, 'seal'> },
  job: { runId: string; phase: Phase; claimId: string; expiresAt: Date },
): Promise<string> {
  const { runId, phase, claimId, expiresAt } = job;
  return sealer.seal(JSON.stringify({ runId, phase, claimId, expiresAtMs: expiresAt.getTime() }), context);
}

type TokenReader = { database: Database; sealer: Pick<Sealer, 'unsealText'>; clock: Clock };

/**
 * The phase that the token opens. Throws `unauthorized` when it is none of ours or over, and when the claim does not run
 * the phase any more: a worker that was given up for lost must not write over what came after it.
 */
export async function verifyJobToken(dependencies: TokenReader, token: string): Promise<Job> {
  const job = await verifyStateToken(dependencies, token);
  const isRunning = runningPhase(job.run.status) === job.phase;
  if (!isRunning || findPhase(dependencies.database, job.run.id, job.phase)?.outcome !== null) {
    throw refused(`is over for run ${job.run.id}`);
  }
  return job;
}

/**
 * The same while the token lives, also when the phase was ended meanwhile: a run that was canceled by force, or given up
 * while its worker only slept, has changed the infrastructure, and what its state says of that must not be lost. Whether
 * that state may still be stored, the store decides.
 */
export async function verifyStateToken(dependencies: TokenReader, token: string): Promise<Job> {
  const { database, sealer, clock } = dependencies;
  const { runId, phase, claimId, expiresAtMs } = await open(sealer, token);
  if (expiresAtMs <= clock.now().getTime()) throw refused('has expired');
  const run = findRun(database, runId);
  if (run === undefined || findPhase(database, runId, phase)?.claimId !== claimId) {
    throw refused(`is over for run ${runId}`);
  }
  return { run, phase, claimId };
}

async function open(sealer: Pick<Sealer, 'unsealText'>, token: string): Promise<z.infer<typeof contents>> {
  try {
    return contents.parse(JSON.parse(await sealer.unsealText(token, context)));
  } catch (cause) {
    throw refused('is not one of ours', cause);
  }
}

function refused(why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unauthorized', `The job token ${why}.`, { cause });
}
