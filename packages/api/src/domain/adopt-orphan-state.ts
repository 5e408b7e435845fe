import { randomUUID } from 'node:crypto';
import type { StateIdentity } from './next-state.ts';

const emptyLineage = /^ {2}"lineage": "",$/m;
const serialLine = /^ {2}"serial": \d+,$/m;

/**
 * When terraform could not write even its first state it leaves an `errored.tfstate` without lineage and with serial 0.
 * It names real resources, so a run's own is given a place behind the current state instead of being refused. The two
 * lines of the head are replaced as text: everything else, large numbers too, stays to the byte.
 */
export function adoptOrphanState(bytes: Uint8Array, current: StateIdentity | undefined): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8');
  if (!emptyLineage.test(text) || !serialLine.test(text)) return bytes;
  const lineage = current?.lineage ?? randomUUID();
  const serial = (current?.serial ?? 0) + 1;
  return Buffer.from(
    text.replace(emptyLineage, `  "lineage": "${lineage}",`).replace(serialLine, `  "serial": ${serial},`),
  );
}
