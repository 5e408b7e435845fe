import { useNow } from './clock.tsx';
import { agoWords, exactTime } from './duration-words.ts';

/** How long ago, kept up; the exact time on hover. `at`: milliseconds since 1970. */
export function RelativeTime({ at }: { at: number }) {
  const age = useNow(10_000) - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {agoWords(age)}
    </time>
  );
}
