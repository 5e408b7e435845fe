import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { isId } from '@gatehouse/shared/ids';
import { codeSpentUntil } from '../domain/challenge.ts';
import type { CodeUse } from '../store/exchanges.ts';

/**
 * AWS takes a code once. Of one that was used before: by whom and for what, and in how many seconds its device shows
 * another. `organization`: the one in which it was given again; what others do is not for it to know.
 */
export function codeAlreadyUsed(use: CodeUse, given: { organization: string; at: Date }): GatehouseError {
  const retryAfterSeconds = secondsToNextCode(use.at, given.at);
  const seconds = retryAfterSeconds === 1 ? '1 second' : `${retryAfterSeconds} seconds`;
  const next =
    retryAfterSeconds === 0 ? 'enter the one that your device shows now' : `your device shows a new one in ${seconds}`;
  return new GatehouseError(
    'mfa_code_already_used',
    `This code ${use.isSpent ? 'was used' : 'is being used'} ${whatFor(use, given.organization)}. ` +
      `AWS takes each code once: ${next}. No try was used.`,
    { retryAfterSeconds },
  );
}

/** How long a device goes on showing a code that was used at `usedAt`, by the clock of the server; 0: no longer. */
export function secondsToNextCode(usedAt: Date, now: Date): number {
  return Math.ceil(Math.max(0, codeSpentUntil(usedAt).getTime() - now.getTime()) / 1000);
}

function whatFor({ username, runId, organization }: CodeUse, asking: string): string {
  if (isId('awsCheck', runId)) return 'for a check of AWS keys';
  return organization === asking ? `by \`${username}\` for run ${runId}` : 'elsewhere';
}
