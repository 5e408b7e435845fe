import { awsVariables } from '@gatehouse/shared/mfa-level';
import type { Variable } from '../../api-client/variables.ts';

export type ShownValue = { text: string; isValue: boolean };

/** A value as the page shows it: secrets never, and of AWS's identifiers what tells one from another. */
export function shownValue({ key, value, isSensitive }: Pick<Variable, 'key' | 'value' | 'isSensitive'>): ShownValue {
  if (isSensitive) return { text: 'write-only', isValue: false };
  if (value === undefined) return { text: 'set; owners read it', isValue: false };
  if (value === '') return { text: 'empty', isValue: false };
  if (key === awsVariables.accessKeyId && value.length > 8) {
    return { text: `${value.slice(0, 4)}…${value.slice(-4)}`, isValue: true };
  }
  if (key === awsVariables.mfaSerial) return { text: shortSerial(value), isValue: true };
  return { text: value, isValue: true };
}

/** `arn:aws:iam::123456784821:mfa/ops-alice` → `…4821:mfa/ops-alice`, as every place that asks for a code names it. */
function shortSerial(serial: string): string {
  return serial.replace(/^arn:aws[a-z-]*:iam::\d{8}(\d{4}:mfa\/)/, '…$1');
}
