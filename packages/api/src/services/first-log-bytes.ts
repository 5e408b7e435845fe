import type { PhaseOfRun } from '../logs/live-log.ts';
import { gapFiller } from '../logs/log-gap.ts';
import { type FollowLogDependencies, followPhaseLog } from './follow-phase-log.ts';

/**
 * At most `limit` bytes of a log from `offset` on, for a reader that knows offsets only: waits until there are some, the
 * log ends, or `signal` aborts; then there are none. Lost bytes are filled in, so that offsets go on being true.
 */
export async function firstLogBytes(
  dependencies: FollowLogDependencies,
  input: PhaseOfRun & { offset: number; limit: number; signal: AbortSignal },
): Promise<Uint8Array> {
  for await (const event of followPhaseLog(dependencies, input)) {
    if (event.kind === 'bytes') return event.bytes.subarray(0, input.limit);
    if (event.kind === 'gap') return gapFiller(event.from, event.to).subarray(0, input.limit);
    if (event.kind === 'end') break;
  }
  return new Uint8Array();
}
