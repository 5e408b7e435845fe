/** Said by terraform's wrapper when `init` starts, with the time in nanoseconds. */
export const startMark = 'terraform-started-at';

/** When the log says that terraform started (ms since the epoch). Throws when it does not. */
export function startedAt(log: string): number {
  const nanoseconds = new RegExp(`${startMark} (\\d+)`).exec(log)?.[1];
  if (nanoseconds === undefined) throw new Error('The log does not say when terraform started.');
  return Number(nanoseconds) / 1e6;
}
