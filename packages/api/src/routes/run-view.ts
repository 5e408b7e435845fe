import type { Actor } from '../domain/actor.ts';
import { deviceHolderOf } from '../services/answering-devices.ts';
import { readOwnVariables } from '../services/own-variables.ts';
import type { RunCore } from '../services/run-core.ts';
import type { RunDetails } from '../store/run-details.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import { type RunResource, type RunView, runResource } from './run-resource.ts';

type ViewCore = Pick<RunCore, 'database' | 'clock' | 'settings' | 'sealer'>;

/** Who looks at runs of an organization, and with which role there. */
export type Viewer = { actor: Actor; role: MemberRole };

/** The run with all that is shown of it. */
export async function wholeRun(core: ViewCore, details: RunDetails, view: RunView): Promise<RunResource> {
  return runResource(details, { ...view, ownVariables: await readOwnVariables(core, details.run) });
}

/** One for all the runs of an answer. */
export function viewOf({ database, clock, settings, sealer }: ViewCore, { actor, role }: Viewer): RunView {
  return {
    role,
    sealer,
    now: clock.now(),
    forceCancelAfterMs: settings.forceCancelAfterMs,
    holder: deviceHolderOf(database, actor),
  };
}
