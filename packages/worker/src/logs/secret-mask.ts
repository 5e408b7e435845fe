import type { Secret } from '@gatehouse/shared/secret';
import { SecretAutomaton, type State } from './secret-automaton.ts';
import { variantsOf } from './secret-variants.ts';

export const maskText = '[masked]';
const maskBytes = Buffer.from(maskText);

/** The secrets of one phase, shared by its streams. */
export class SecretMask {
  readonly automaton = new SecretAutomaton();

  add(secret: Secret): void {
    for (const variant of variantsOf(secret)) this.automaton.add(Buffer.from(variant));
  }

  /** Masks a whole text. */
  whole(bytes: Uint8Array): Uint8Array {
    const stream = new MaskStream(this);
    return Buffer.concat([stream.push(bytes), stream.end()]);
  }
}

/** Bytes of occurrences that overlap, from and up to. */
type Occurrence = { from: number; to: number };

/**
 * Masks a stream. Every byte that belongs to an occurrence is covered, also where occurrences overlap, and however the
 * stream was cut: a byte is judged only when no variant could begin at it or before it beyond what has arrived. What
 * cannot be judged yet is held back, which in a normal line is nothing. Takes the time of one look at each byte, whatever
 * the secrets and the output: a run chooses both.
 */
export class MaskStream {
  readonly #automaton: SecretAutomaton;
  #state: State;
  #held: Uint8Array = new Uint8Array();
  /** Bytes of `#held` that an occurrence before it covers; the mask for them is out already. */
  #covered = 0;
  /** Those that begin in `#held`, in order; none touches another's bytes. */
  #found: Occurrence[] = [];

  constructor(mask: SecretMask) {
    this.#automaton = mask.automaton;
    this.#state = mask.automaton.start;
  }

  push(bytes: Uint8Array): Uint8Array {
    const held = this.#held.length;
    const all = held === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    // What is held back may be the beginning of a secret that was added since.
    const isOutdated = !this.#automaton.isCurrent(this.#state);
    if (isOutdated) this.#found = [];
    this.#walk(all, isOutdated ? 0 : held, isOutdated ? this.#automaton.start : this.#state);
    return this.#judge(all, all.length - this.#state.depth);
  }

  /** The rest: nothing follows that could complete a secret. */
  end(): Uint8Array {
    const rest = this.#judge(this.#held, this.#held.length);
    this.#state = this.#automaton.start;
    return rest;
  }

  #walk(bytes: Uint8Array, from: number, begin: State): void {
    let state = begin;
    for (let index = from; index < bytes.length; index++) {
      if (state.depth === 0) index = this.#automaton.mayBegin(bytes, index);
      state = this.#automaton.next(state, bytes[index] ?? 0);
      if (state.longest > 0) this.#note(index + 1 - state.longest, index + 1);
    }
    this.#state = state;
  }

  /** Occurrences come in the order of their ends. */
  #note(from: number, to: number): void {
    const found = this.#found;
    for (let last = found.at(-1); last !== undefined && last.to > from; last = found.at(-1)) {
      if (last.from < from) {
        last.to = to;
        return;
      }
      found.pop();
    }
    found.push({ from, to });
  }

  /** Gives out what stands before `end`; occurrences that begin there reach no further back any more. */
  #judge(bytes: Uint8Array, end: number): Uint8Array {
    const out: Uint8Array[] = [];
    let coveredTo = this.#covered;
    let clearFrom = coveredTo;
    let judged = 0;
    for (const { from, to } of this.#found) {
      if (from >= end) break;
      judged++;
      if (from >= coveredTo) out.push(bytes.subarray(clearFrom, from), maskBytes);
      coveredTo = Math.max(coveredTo, to);
      clearFrom = coveredTo;
    }
    if (clearFrom < end) out.push(bytes.subarray(clearFrom, end));
    this.#found = this.#found.slice(judged).map(({ from, to }) => ({ from: from - end, to: to - end }));
    this.#held = Uint8Array.from(bytes.subarray(end));
    this.#covered = Math.max(0, coveredTo - end);
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }
}
