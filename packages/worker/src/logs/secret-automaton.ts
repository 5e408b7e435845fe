/** A beginning of a variant: the longest one with which what was read so far ends. */
export type State = {
  /** Its length. */
  readonly depth: number;
  /** Length of the longest variant with which what was read so far ends; 0: with none. */
  longest: number;
  /** The longest beginning that this one ends with; its own for the start. */
  fallback: State;
  /** Most states lead to one other only. */
  onlyByte: number;
  only: State | undefined;
  others: Map<number, State> | undefined;
  readonly version: number;
};

/**
 * Finds all variants at once, with one look at each byte (Aho and Corasick, 1975). Trying each position anew would take
 * as long as the longest secret for every byte of an output that repeats itself.
 */
export class SecretAutomaton {
  readonly #variants: Uint8Array[] = [];
  #start: State | undefined;
  #version = 0;
  /** Rules out nearly every byte while nothing has begun: by it and the next, of which every variant has more. */
  #begins = new Uint8Array(256 * 256);

  add(variant: Uint8Array): void {
    this.#variants.push(variant);
    this.#start = undefined;
    this.#version++;
  }

  /** Where nothing has been read. */
  get start(): State {
    this.#start ??= this.#build();
    return this.#start;
  }

  /** False when variants were added since. */
  isCurrent(state: State): boolean {
    return state.version === this.#version;
  }

  /** Where, from `from` on, a variant may begin; the last byte at the latest, whose next one is not known. */
  mayBegin(bytes: Uint8Array, from: number): number {
    const begins = this.#begins;
    const last = bytes.length - 1;
    let at = from;
    let pair = bytes[at] ?? 0;
    for (; at < last; at++) {
      pair = ((pair & 0xff) << 8) | (bytes[at + 1] ?? 0);
      if (begins[pair] === 1) return at;
    }
    return at;
  }

  next(state: State, byte: number): State {
    for (let from = state; ; from = from.fallback) {
      const to = child(from, byte);
      if (to !== undefined) return to;
      if (from.depth === 0) return from;
    }
  }

  #build(): State {
    const start: State = new BeginningOfVariant(0, this.#version, undefined);
    this.#begins = new Uint8Array(256 * 256);
    for (const variant of this.#variants) {
      let state: State = start;
      for (const byte of variant) state = child(state, byte) ?? addChild(state, byte, start);
      if (state !== start) state.longest = state.depth;
      const [first, second] = variant;
      if (first !== undefined && second !== undefined) this.#begins[(first << 8) | second] = 1;
    }
    this.#link(start);
    return start;
  }

  /** By depth, since each falls back to a shorter one. */
  #link(start: State): void {
    let level = [...children(start)].map(([, state]) => state);
    while (level.length > 0) {
      const below: State[] = [];
      for (const state of level) {
        for (const [byte, next] of children(state)) {
          next.fallback = this.#fallbackOf(state, byte);
          next.longest = Math.max(next.longest, next.fallback.longest);
          below.push(next);
        }
      }
      level = below;
    }
  }

  #fallbackOf(parent: State, byte: number): State {
    return this.next(parent.fallback, byte);
  }
}

class BeginningOfVariant implements State {
  readonly depth: number;
  readonly version: number;
  longest = 0;
  fallback: State;
  onlyByte = -1;
  only: State | undefined;
  others: Map<number, State> | undefined;

  /** `start` undefined: it is the start itself. */
  constructor(depth: number, version: number, start: State | undefined) {
    this.depth = depth;
    this.version = version;
    this.fallback = start ?? this;
  }
}

function child(state: State, byte: number): State | undefined {
  return state.onlyByte === byte ? state.only : state.others?.get(byte);
}

function addChild(state: State, byte: number, start: State): State {
  const made = new BeginningOfVariant(state.depth + 1, state.version, start);
  if (state.only === undefined) {
    state.onlyByte = byte;
    state.only = made;
  } else {
    state.others ??= new Map();
    state.others.set(byte, made);
  }
  return made;
}

function* children(state: State): Generator<[number, State]> {
  if (state.only !== undefined) yield [state.onlyByte, state.only];
  if (state.others !== undefined) yield* state.others;
}
