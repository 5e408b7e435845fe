import type { QueueSlice, SeriesState } from '../../api-client/queue.ts';

/** Bottom to top: what needs a person stands on the ground, where its height is read best. */
export const chartStates = ['awaiting-mfa', 'queued', 'running', 'waiting'] as const satisfies readonly SeriesState[];
export type ChartState = (typeof chartStates)[number];

export type Band = { state: ChartState; points: string };

/** The areas of a stacked chart as SVG polygons in a box of the given size; the highest sum reaches its top. */
export function stackedBands(series: readonly QueueSlice[], size: { width: number; height: number }): Band[] {
  const top = highest(series);
  const x = (index: number) => (series.length < 2 ? 0 : (index / (series.length - 1)) * size.width);
  const y = (value: number) => size.height - (value / top) * size.height;
  return chartStates.map((state, place) => {
    const below = series.map((slice) => sumOf(slice, chartStates.slice(0, place)));
    const upper = series.map(
      (slice, index) => `${round(x(index))},${round(y((below[index] ?? 0) + slice.states[state]))}`,
    );
    const lower = below.map((value, index) => `${round(x(index))},${round(y(value))}`).reverse();
    return { state, points: [...upper, ...lower].join(' ') };
  });
}

/** The largest number that the chart has to hold; never zero. */
export function highest(series: readonly QueueSlice[]): number {
  return Math.max(1, ...series.map((slice) => sumOf(slice, chartStates)));
}

function sumOf(slice: QueueSlice, states: readonly ChartState[]): number {
  return states.reduce((sum, state) => sum + slice.states[state], 0);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
