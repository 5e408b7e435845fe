import { readOwnVariables } from '../services/own-variables.ts';
import type { RunCore } from '../services/run-core.ts';
import type { RunDetails } from '../store/run-details.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { type RunResource, type RunView, runResource } from './run-resource.ts';

type ViewCore = Pick<RunCore, 'clock' | 'settings' | 'sealer'>;

/** The run with all that is shown of it. */
export async function wholeRun(core: ViewCore, details: RunDetails, role: MemberRole): Promise<RunResource> {
  return runResource(details, { ...viewOf(core, role), ownVariables: await readOwnVariables(core, details.run) });
}

export function viewOf({ clock, settings, sealer }: ViewCore, role: MemberRole): RunView {
  return { role, sealer, now: clock.now(), forceCancelAfterMs: settings.forceCancelAfterMs };
}
