import type { Sealer } from '@gatehouse/shared/seal';
import { z } from 'zod';
import type { Run } from '../store/runs.ts';

/** A variable that was given with a run. `value` null: it replaces a sensitive one, and so is not shown. */
const ownVariables = z.array(z.strictObject({ key: z.string(), value: z.string().nullable() }));
export type OwnVariable = z.infer<typeof ownVariables>[number];

/** Sealed for the run's row; null when there are none. */
export async function sealOwnVariables(
  sealer: Sealer,
  runId: string,
  variables: readonly { key: string; value: string; sensitive: boolean }[],
): Promise<string | null> {
  if (variables.length === 0) return null;
  const shown = variables.map(({ key, value, sensitive }) => ({ key, value: sensitive ? null : value }));
  return sealer.seal(JSON.stringify(shown), context(runId));
}

/** Those that were given with the run, never those of its workspace or organization. */
export async function readOwnVariables(
  { sealer }: { sealer: Sealer },
  { id, sealedOwnVariables }: Pick<Run, 'id' | 'sealedOwnVariables'>,
): Promise<OwnVariable[]> {
  if (sealedOwnVariables === null) return [];
  return ownVariables.parse(JSON.parse(await sealer.unsealText(sealedOwnVariables, context(id))));
}

function context(runId: string): string {
  return `own-variables/${runId}`;
}
