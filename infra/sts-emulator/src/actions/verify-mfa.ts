import type { Constraint } from '../query-parameters.ts';
import { parameter } from '../query-parameters.ts';
import type { User } from '../state/accounts.ts';
import { spendCode } from '../state/mfa-devices.ts';
import { codeOrSerialMissing, codeRefused, serialRefused } from '../sts-error.ts';
import type { ActionContext } from './action.ts';

export const mfaConstraints: Record<string, Constraint> = {
  SerialNumber: { minLength: 9, maxLength: 256, pattern: '[\\w+=/:,.@-]*' },
  TokenCode: { minLength: 6, maxLength: 6, pattern: '[\\d]*' },
};

/**
 * Checks and spends the code of the call, if it carries one; tells whether it did. The code is spent even when the call
 * is refused later on, as at AWS. Throws AccessDenied for a wrong or used code or a device that is not the user's.
 */
export function verifyMfa({ parameters, now, note }: ActionContext, user: User | undefined): boolean {
  const serial = parameter(parameters, 'SerialNumber');
  const code = parameter(parameters, 'TokenCode');
  if (serial === undefined && code === undefined) return false;
  if (serial === undefined || code === undefined) throw codeOrSerialMissing();
  note({ serial });
  const device = user?.mfaDevices.find((own) => own.serial === serial);
  if (device === undefined) throw serialRefused();
  const outcome = spendCode(device, code, now);
  if (outcome !== 'accepted') throw codeRefused(outcome);
  return true;
}
