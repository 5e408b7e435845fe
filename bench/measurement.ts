/** One row of the table: what was measured, beside its limit or baseline of the same run. */
export type Measurement = {
  name: string;
  /** How it is written: `p50 41 ms, p99 66 ms`. */
  figures: string;
  /** What it is held against, with its own figure. */
  against: string;
  /** Measured through baseline or limit. */
  ratio: number;
  /** The ratio that is to be reached: at most, or at least. */
  goal: number;
  /** Default false: less is better. */
  isAtLeast?: boolean;
};

export function isReached({ ratio, goal, isAtLeast = false }: Measurement): boolean {
  return isAtLeast ? ratio >= goal : ratio <= goal;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('There is nothing to take a quantile of.');
  return value;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
