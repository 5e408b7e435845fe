import { useNow } from './clock.tsx';
import { clockTime, durationWords, exactTime } from './duration-words.ts';

/** `29 min left, until 14:32`; by the api's clock. `onPassed` is the page's to notice: the api ends the run. */
export function DeadlineCountdown({ at, isShort = false }: { at: number; isShort?: boolean }) {
  const left = at - useNow(1000);
  const words = left <= 0 ? 'Time is up' : `${durationWords(left)} left`;
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {words}
      {!isShort && left > 0 && `, until ${clockTime(at)}`}
    </time>
  );
}
