import path from 'node:path';
import type { PhaseContext } from './phase.ts';

export const savedPlanName = 'tfplan';
/** Where the folder of the saved plan appears in the sandbox of an apply. */
export const savedPlanInside = '/opt/gatehouse/plan';

/** The saved plan as terraform is told it. */
export function savedPlanPath({ settings, folders }: PhaseContext): string {
  const folder = settings.sandbox.mode === 'none' ? folders.plan : savedPlanInside;
  return path.join(folder, savedPlanName);
}
