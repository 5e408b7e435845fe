import type { Secret } from '@gatehouse/shared/secret';
import type { Actor } from '../domain/actor.ts';
import { checkTokenCode } from '../domain/token-code.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import { isExtension } from '../store/challenges.ts';
import { type Run, requireRun } from '../store/runs.ts';
import { type DeviceOwner, requireAnsweringIdentity } from './answering-identity.ts';
import { awaitExchange, exchangeError } from './await-exchange.ts';
import { codeContext, enterExchange, requireAwaiting } from './begin-exchange.ts';
import { requireConfirmedDestruction } from './confirm-destruction.ts';
import { refuseWhilePaused } from './operate-queue.ts';
import { change } from './run-core.ts';
import { type CodeSender, sendCode } from './send-code.ts';
import { requireRunToDecide } from './visible-run.ts';

export type ExchangeDependencies = CodeSender & { changes: Pick<RunChanges, 'subscribe'> };

/**
 * Takes a code for a run that waits for one, has a worker exchange it, and waits for the outcome. Answers the run:
 * authenticated, or, when AWS has not answered within `exchangeWaitMs`, with its challenge still `exchanging`; the
 * outcome then appears on the run. Throws what the code failed with; the run goes on waiting (M8).
 */
export async function authenticateRun(
  dependencies: ExchangeDependencies,
  input: {
    runId: string;
    tokenCode: Secret;
    confirmName?: string | undefined;
    device?: DeviceOwner | undefined;
    by: Actor;
  },
): Promise<Run> {
  const { database, clock, sealer, settings } = dependencies;
  const run = requireRunToDecide(database, input.by, input.runId);
  checkTokenCode(input.tokenCode);
  refuseWhilePaused(database);
  // Asked before the keys are read, so that a run that waits for nothing is told so; asked again in the transaction.
  const { phase, challenge } = requireAwaiting(database, run, clock.now());
  // The code is the confirmation: what is to be confirmed by name is asked for before it is spent.
  if (phase === 'apply' && !isExtension(challenge)) {
    requireConfirmedDestruction(database, run, input.by, input.confirmName);
  }
  const { mfaSerial, awsIdentityId } = await requireAnsweringIdentity(dependencies, { ...input, run });
  const code = { mfaSerial, awsIdentityId, fingerprint: sealer.fingerprint(input.tokenCode, codeContext(mfaSerial)) };
  const entered = change(dependencies, (now) => enterExchange(now, { runId: run.id, code, by: input.by }));
  await sendCode(dependencies, entered, input.tokenCode);
  await awaitExchange(dependencies, [entered], settings.exchangeWaitMs);
  const error = exchangeError(database, entered);
  if (error !== undefined) throw error;
  return requireRun(database, run.id);
}
