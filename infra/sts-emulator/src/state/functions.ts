import type { Seed } from '../seed.ts';

/** A function of Lambda. */
export type LambdaFunction = Seed['functions'][number] & { invocations: number };

/** By name, in memory. */
export type LambdaFunctions = Map<string, LambdaFunction>;

export function functionsFromSeed(seed: Seed): LambdaFunctions {
  return new Map(seed.functions.map((one) => [one.name, { ...one, invocations: 0 }]));
}
