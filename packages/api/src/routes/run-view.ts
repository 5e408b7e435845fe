import type { RunCore } from '../services/run-core.ts';
import type { MemberRole } from '../store/schema/identity.ts';
import type { RunView } from './run-resource.ts';

export function viewOf({ clock, settings }: Pick<RunCore, 'clock' | 'settings'>, role: MemberRole): RunView {
  return { role, now: clock.now(), forceCancelAfterMs: settings.forceCancelAfterMs };
}
