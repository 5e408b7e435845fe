import type { CancelMode } from '@gatehouse/shared/jobs';
import type { StopCause, StopSignal } from '../phases/stop-signal.ts';

/** The phases that this worker has claimed, until their results are reported. */
export class ActivePhases {
  readonly #stops = new Map<string, StopSignal>();

  add(claimId: string, stop: StopSignal): void {
    this.#stops.set(claimId, stop);
  }

  remove(claimId: string): void {
    this.#stops.delete(claimId);
  }

  get claimIds(): string[] {
    return [...this.#stops.keys()];
  }

  stop(claimId: string, cause: StopCause, mode: CancelMode): void {
    this.#stops.get(claimId)?.request(cause, mode);
  }

  stopAll(cause: StopCause, mode: CancelMode): void {
    for (const stop of this.#stops.values()) stop.request(cause, mode);
  }
}
