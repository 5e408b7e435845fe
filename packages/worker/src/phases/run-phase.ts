import { endReasons } from '@gatehouse/shared/end-reasons';
import type { PhaseNote } from '@gatehouse/shared/worker-api';
import { applySteps } from './apply.ts';
import type { Outcome } from './outcome.ts';
import { type PhaseContext, runSteps } from './phase.ts';
import { planSteps } from './plan.ts';
import { programName } from './run-terraform.ts';

/**
 * One phase from its first line to its last. Whatever happens, the sandbox, the session in Redis and the folders are
 * gone when it returns, and its log is stored.
 */
export async function runPhase(phase: PhaseContext): Promise<Outcome> {
  const { claim, log, stop, notes } = phase;
  notes.follow((note) => hear(phase, note));
  stop.onStop((cause, mode) => {
    const program = phase.made.terraform === undefined ? 'terraform' : programName(phase);
    log.say(stopSentences[cause](mode === 'kill' ? `${program} is killed` : `${program} is asked to stop`));
  });
  stop.alsoAt(claim.timeoutMs, 'phase_timeout', 'interrupt');
  const outcome = await runSteps(claim.phase === 'plan' ? planSteps : applySteps, phase);
  stop.release();
  // The sandbox first: its ways out speak into the log.
  await attempt(phase, async () => phase.made.sandbox?.close());
  // The last lines are the phase's own.
  notes.follow(() => {});
  log.section('summary');
  log.say(lastLine(claim.phase, outcome));
  const [isStored] = await Promise.all([log.close(), cleanUp(phase)]);
  if (!isStored) phase.logger.error({ runId: claim.runId }, 'the end of the log could not be stored');
  return outcome;
}

const stopSentences = {
  canceled: (how: string) => `the run was canceled; ${how}.`,
  given_up: (how: string) => `the phase was given up; ${how}.`,
  phase_timeout: (how: string) => `the phase takes longer than allowed; ${how}.`,
  session_expired: (how: string) => `the AWS session ends; ${how}.`,
  session_revoked: (how: string) => `an owner revoked the AWS session, which is served no more; ${how}.`,
  worker_stopped: (how: string) => `the worker is being stopped; ${how}.`,
} as const;

/** The api's lines belong into the log, which is ours as long as the phase runs. */
function hear({ log, made }: PhaseContext, { lines, isExtended }: PhaseNote): void {
  for (const line of lines) log.relay(line);
  if (isExtended) void made.session?.lookForNewer();
}

async function cleanUp(phase: PhaseContext): Promise<void> {
  const { claim, sessions, folders } = phase;
  const isPaidFor = claim.aws.source === 'challenge';
  await Promise.all([
    attempt(phase, async () => (isPaidFor ? sessions.drop(claim.runId, claim.phase) : undefined)),
    attempt(phase, () => folders.remove()),
  ]);
}

async function attempt({ claim, logger }: PhaseContext, duty: () => Promise<void>): Promise<void> {
  await duty().catch((error: unknown) => logger.error({ err: error, runId: claim.runId }, 'cleaning up failed'));
}

function lastLine(phase: string, outcome: Outcome): string {
  if (outcome.kind === 'failed') return `${phase} failed (${outcome.reason}). ${endReasons[outcome.reason]}`;
  if (outcome.kind === 'canceled') return `${phase} ${outcome.forced ? 'canceled by force' : 'canceled'}.`;
  const { resourceAdditions: add, resourceChanges: change, resourceDestructions: destroy } = outcome;
  if (phase === 'apply') return `apply finished: ${add} added, ${change} changed, ${destroy} destroyed.`;
  return outcome.hasChanges
    ? `plan finished: ${add} to add, ${change} to change, ${destroy} to destroy.`
    : 'plan finished: no changes.';
}
