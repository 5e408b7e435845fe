import type { CancelMode } from '@gatehouse/shared/jobs';
import type { HeartbeatAnswer } from '@gatehouse/shared/worker-api';
import type { PhaseNotes } from '../phases/phase-notes.ts';
import type { StopCause, StopSignal } from '../phases/stop-signal.ts';

type ActivePhase = { stop: StopSignal; notes: PhaseNotes };

/** The phases that this worker has claimed, until their results are reported. */
export class ActivePhases {
  readonly #phases = new Map<string, ActivePhase>();

  add(claimId: string, phase: ActivePhase): void {
    this.#phases.set(claimId, phase);
  }

  remove(claimId: string): void {
    this.#phases.delete(claimId);
  }

  get claimIds(): string[] {
    return [...this.#phases.keys()];
  }

  /** By claim, the last note that it has. */
  get notesSeen(): Record<string, number> {
    return Object.fromEntries([...this.#phases].map(([claimId, { notes }]) => [claimId, notes.seen]));
  }

  /** What the api answers a heartbeat with, as far as it concerns phases. */
  hear({ stop, notes }: Pick<HeartbeatAnswer, 'stop' | 'notes'>): void {
    for (const note of notes) this.#phases.get(note.claimId)?.notes.hear(note);
    for (const { claimId, cause, mode } of stop) this.stop(claimId, cause, mode);
  }

  stop(claimId: string, cause: StopCause, mode: CancelMode): void {
    this.#phases.get(claimId)?.stop.request(cause, mode);
  }

  stopAll(cause: StopCause, mode: CancelMode): void {
    for (const { stop } of this.#phases.values()) stop.request(cause, mode);
  }
}
