import { useNow } from '../../components/clock.tsx';
import { clockTime, durationWords, exactTime } from '../../components/duration-words.ts';

/** How long the AWS session that a code gave lasts; counted down while something runs with it. */
export function SessionTime({ endsAt, isRunning }: { endsAt: number; isRunning: boolean }) {
  const left = endsAt - useNow(1000);
  return (
    <time dateTime={new Date(endsAt).toISOString()} title={exactTime(endsAt)}>
      {left <= 0 ? `session ended ${clockTime(endsAt)}` : `session until ${clockTime(endsAt)}`}
      {isRunning && left > 0 && `, ${durationWords(left)} left`}
    </time>
  );
}
