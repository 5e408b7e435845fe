import type { CheckClaim } from '@gatehouse/shared/check-claim';
import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { claimCheck as claim } from '../store/aws-checks.ts';
import { change, type RunCore } from './run-core.ts';

/**
 * A worker asks what a check is to look at, and with which keys. Only the first claim is answered, and the keys are
 * forgotten with it; `conflict` (409) to all others, and once nobody waits for the check any more.
 */
export async function claimCheck(
  core: Omit<RunCore, 'sealer'>,
  input: { checkId: string; workerId: string },
): Promise<CheckClaim> {
  const claimed = change(core, ({ transaction }) => claim(transaction, input.checkId));
  if (claimed === undefined) {
    throw new GatehouseError('conflict', `There is nothing to be asked for check ${input.checkId}.`);
  }
  const { mfaSerial, role, code } = claimed.check.subject;
  return {
    sealedIdentity: claimed.sealedIdentity,
    ...(mfaSerial === null ? {} : { mfaSerial }),
    ...(role === null ? {} : { role }),
    hasCode: code !== null,
  };
}
