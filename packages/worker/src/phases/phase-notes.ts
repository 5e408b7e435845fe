import type { PhaseNote } from '@gatehouse/shared/worker-api';

/**
 * What the api tells one phase while it runs. The api repeats a note until it knows that it was seen; each is handed on
 * once, in order, and those that come before somebody follows are kept.
 */
export class PhaseNotes {
  #seen = 0;
  #kept: PhaseNote[] = [];
  #follower: ((note: PhaseNote) => void) | undefined;

  /** `sequence` of the last one; 0: none yet. */
  get seen(): number {
    return this.#seen;
  }

  hear(note: PhaseNote): void {
    if (note.sequence <= this.#seen) return;
    this.#seen = note.sequence;
    if (this.#follower === undefined) this.#kept.push(note);
    else this.#follower(note);
  }

  follow(follower: (note: PhaseNote) => void): void {
    this.#follower = follower;
    for (const note of this.#kept.splice(0)) follower(note);
  }
}
