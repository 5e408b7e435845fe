import type { RunCore } from '../services/run-core.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import type { RunView } from './run-resource.ts';

export function viewOf(
  { clock, settings, sealer }: Pick<RunCore, 'clock' | 'settings' | 'sealer'>,
  role: MemberRole,
): RunView {
  return { role, sealer, now: clock.now(), forceCancelAfterMs: settings.forceCancelAfterMs };
}
