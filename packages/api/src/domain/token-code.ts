import { GatehouseError } from '@gatehouse/shared/gatehouse-error';
import { tokenCodePattern } from '@gatehouse/shared/mfa-level';
import type { Secret } from '@gatehouse/shared/secret';

/** Refuses what cannot be a code before anything is spent on it; the error tells its length, never its text. */
export function checkTokenCode(tokenCode: Secret): void {
  const text = tokenCode.reveal();
  if (tokenCodePattern.test(text)) return;
  const digits = text.replace(/\D/g, '').length;
  const given =
    digits === text.length ? `${digits} digits` : `${text.length} characters, ${digits} of which are digits`;
  throw new GatehouseError(
    'mfa_code_invalid_format',
    `A code has exactly six digits; ${given} were given. Nothing was sent to AWS and no try was used.`,
    { pointer: '/token-code' },
  );
}
