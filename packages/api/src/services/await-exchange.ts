import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { rejectionMessage } from '../domain/challenge.ts';
import type { RunChanges } from '../queue/run-changes.ts';
import { type Challenge, findChallenge, isExtension, isOpen } from '../store/challenges.ts';
import type { Database } from '../store/database.ts';
import { requireRun } from '../store/runs.ts';
import { awaitOutcome } from './await-outcome.ts';
import { notAwaited, notExtended } from './begin-exchange.ts';
import { secondsToNextCode } from './spent-code.ts';

/** Resolves when none of the challenges is in the exchange any more that it was in, or after `timeoutMs`. */
export async function awaitExchange(
  dependencies: { database: Database; changes: Pick<RunChanges, 'subscribe'> },
  entered: readonly Challenge[],
  timeoutMs: number,
): Promise<void> {
  const { database, changes } = dependencies;
  const isOver = () =>
    entered.every((challenge) => !isStillExchanging(findChallenge(database, challenge.id), challenge));
  await awaitOutcome(changes, { ids: entered.map(({ runId }) => runId), isOver, timeoutMs });
}

/** What the exchange came to: undefined when AWS gave a session, or has not answered yet; else the error to answer with. */
export function exchangeError(database: Database, entered: Challenge): GatehouseError | undefined {
  const challenge = findChallenge(database, entered.id);
  if (challenge?.state === 'authenticated' || isStillExchanging(challenge, entered)) return undefined;
  const run = requireRun(database, entered.runId);
  // Refused; it may be that another code is being checked by now.
  if (challenge !== undefined && isOpen(challenge) && challenge.lastError !== null) {
    const { lastErrorAt: at } = challenge;
    const isSpent = challenge.lastError === 'mfa_code_already_used' && at !== null;
    const retryAfterSeconds = isSpent ? secondsToNextCode(at, at) : undefined;
    return new GatehouseError(challenge.lastError, rejectionMessage(challenge.lastError, challenge), {
      retryAfterSeconds,
    });
  }
  if (challenge?.state === 'given_up' && isExtension(challenge)) return notExtended(challenge);
  return notAwaited(run);
}

function isStillExchanging(now: Challenge | undefined, entered: Challenge): boolean {
  return now?.state === 'exchanging' && now.attempt === entered.attempt;
}
