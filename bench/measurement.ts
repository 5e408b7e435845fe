/** One row of the table: what was measured, beside its limit or baseline of the same run. */
export type Row = {
  name: string;
  /** How it is written: `p50 41 ms, p99 66 ms`. */
  figures: string;
  /** What it is held against, with its own figure. */
  against: string;
  /** Measured through baseline or limit, one for each round; their median counts. */
  ratios: readonly number[];
  /** The ratio that is to be reached: at most, or at least. */
  goal: number;
  /** Default false: less is better. */
  isAtLeast?: boolean;
};

/** Lines over one another, drawn as `docs/performance/NAME.svg`. */
export type Plot = {
  name: string;
  title: string;
  x: string;
  y: string;
  /** Default false. */
  hasLogarithmicX?: boolean;
  lines: { name: string; points: readonly { x: number; y: number }[] }[];
};

/** Figures that have no goal. */
export type Table = { title: string; columns: readonly string[]; rows: readonly (readonly string[])[] };

/** What one benchmark found. */
export type Measurement = { rows: readonly Row[]; plots?: readonly Plot[]; tables?: readonly Table[] };

export const ratioOf = ({ ratios }: Row): number => median(ratios);

export function isReached(row: Row): boolean {
  return row.isAtLeast === true ? ratioOf(row) >= row.goal : ratioOf(row) <= row.goal;
}

/** `measured[i]` through `beside[i]`. */
export function ratiosOf(measured: readonly number[], beside: readonly number[]): number[] {
  return measured.map((value, round) => value / (beside[round] ?? Number.NaN));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('There is nothing to take a quantile of.');
  return value;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** `412 [397–440]`: the median and the range. */
export function withSpread(values: readonly number[], write: (value: number) => string = String): string {
  return `${write(median(values))} [${write(Math.min(...values))}–${write(Math.max(...values))}]`;
}
