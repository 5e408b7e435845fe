import type { AsyncCommand } from 'fast-check';
import * as fc from 'fast-check';
import type { Pick } from './choice.ts';
import { judgeAll } from './invariants.ts';
import { Broken, type Tally } from './tally.ts';
import type { World } from './world.ts';

/** One kind of thing that may happen. `happen` says in a sentence what it did. */
export type Kind = {
  name: string;
  /** How often it is drawn, compared with others. */
  weight: number;
  /** Whether there is anything that it could happen to. */
  isPossible(world: World): boolean;
  happen(world: World, pick: Pick): Promise<string>;
};

const pick: fc.Arbitrary<Pick> = fc.record({ one: fc.nat(999), other: fc.nat(999) });

/** Steps of a kind, drawn by its weight; after each the invariants are judged. */
export function stepsOf(kinds: readonly Kind[], tally: Tally): fc.Arbitrary<AsyncCommand<World, World>>[] {
  return kinds.flatMap((kind) =>
    Array.from({ length: kind.weight }, () => pick.map((drawn) => step(kind, drawn, tally))),
  );
}

function step(kind: Kind, drawn: Pick, tally: Tally): AsyncCommand<World, World> {
  let sentence = `${kind.name} (${drawn.one}, ${drawn.other})`;
  return {
    check: (world) => kind.isPossible(world),
    async run(world) {
      sentence = await ended(`${kind.name} (${drawn.one}, ${drawn.other})`, kind.happen(world, drawn));
      world.say(sentence);
      await ended(`what came of it: ${sentence}`, quiet(world));
      tally.happened(kind.name);
      tally.judged(rules.taken, 1);
      await judgeAll(world, tally);
    },
    toString: () => sentence,
  };
}

export const rules = {
  taken: 'every report of a worker is taken',
} as const;

/** What hangs would end the sequences without a word. */
const endsWithinMs = 60_000;

/** What `work` gives. Throws when it takes too long, with its name. */
export async function ended<Value>(name: string, work: Promise<Value>): Promise<Value> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`It does not end: ${name}.`)), endsWithinMs);
  return Promise.race([work, over.promise]).finally(() => clearTimeout(timer));
}

/** Connections that were cut come back within a second, on a quiet machine. */
const takenWithinMs = 20_000;

/** Waits until nothing is under way: reports are taken, and the outbox is relayed unless it is held. */
export async function quiet(world: World): Promise<void> {
  // Twice: a report may leave something to relay, and what is relayed may be a report's answer.
  for (const api of world.apis) await api.settled();
  if (world.api() === undefined) return;
  const patientUntil = performance.now() + takenWithinMs;
  while ((await world.reports.open()) > 0) {
    if (performance.now() > patientUntil)
      throw new Broken(rules.taken, `an api fails at one: ${world.complaints.at(-1)}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (const api of world.apis) await api.settled();
}
