import { z } from 'zod';
import type { RunPhase } from '../store/phases.ts';

/** What a plan would do, or an apply did, as terraform counts it: a replacement is one addition and one destruction. */
export const changeCounts = z.object({
  additions: z.int(),
  changes: z.int(),
  destructions: z.int(),
  imports: z.int(),
});

/** Null as long as the phase has not ended well. */
export function changeCountsOf(phase: RunPhase | undefined): z.infer<typeof changeCounts> | null {
  if (phase?.resourceAdditions == null) return null;
  return {
    additions: phase.resourceAdditions,
    changes: phase.resourceChanges ?? 0,
    destructions: phase.resourceDestructions ?? 0,
    imports: phase.resourceImports ?? 0,
  };
}
