import { nextStatus, type RunEvent, type RunStatus, runEvents, runStatuses } from '@gatehouse/shared/run-status';

/** An invariant was broken; the message says where. */
export class Broken extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}

/** What the sequences met: steps, transitions, and how often each invariant was looked at. */
export function createTally() {
  const steps = new Map<string, number>();
  const transitions = new Map<string, number>();
  const checked = new Map<string, number>();
  const ends = new Map<string, number>();
  const count = (map: Map<string, number>, key: string, by = 1) => map.set(key, (map.get(key) ?? 0) + by);

  return {
    steps,
    checked,
    sequences: 0,
    runsEnded: 0,
    happened: (name: string) => void count(steps, name),
    /** `times`: on how many things it was looked at. */
    judged: (invariant: string, times: number) => void count(checked, invariant, times),
    met: (from: RunStatus, event: RunEvent) => void count(transitions, `${from} · ${event}`),
    /** A run ended for this reason, or a challenge in this state. */
    ended: (how: string) => void count(ends, how),
    missing(): string[] {
      return pairs().filter((pair) => !transitions.has(pair));
    },
    table(): string {
      const lines = (title: string, map: Map<string, number>, keys: readonly string[]) =>
        [title, ...keys.map((key) => `${String(map.get(key) ?? 0).padStart(7)}  ${key}`)].join('\n');
      return [
        `${this.sequences} sequences, ${this.runsEnded} runs ended`,
        lines('steps', steps, [...steps.keys()].sort()),
        lines('transitions', transitions, pairs()),
        lines('ended', ends, [...ends.keys()].sort()),
        lines('looked at', checked, [...checked.keys()]),
      ].join('\n\n');
    },
  };
}

export type Tally = ReturnType<typeof createTally>;

/** Every transition of the table. */
function pairs(): string[] {
  return runStatuses.flatMap((from) =>
    runEvents.filter((event) => nextStatus(from, event) !== undefined).map((event) => `${from} · ${event}`),
  );
}
