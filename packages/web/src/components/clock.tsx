import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

/** Milliseconds since 1970 by the api's clock. */
type Now = () => number;

const ClockContext = createContext<Now>(Date.now);

/** Everything below counts by this clock; without it, by the browser's. */
export function ClockProvider({ now, children }: { now: Now; children: ReactNode }) {
  return <ClockContext value={now}>{children}</ClockContext>;
}

/** The time, again every `everyMs` on that boundary of the clock, so that all countdowns turn together. */
export function useNow(everyMs: number): number {
  const now = useContext(ClockContext);
  const [time, setTime] = useState(now);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const turn = () => {
      setTime(now());
      // A little beyond the boundary: timers may fire a millisecond early.
      timer = setTimeout(turn, everyMs - (now() % everyMs) + 5);
    };
    turn();
    return () => clearTimeout(timer);
  }, [now, everyMs]);
  return time;
}
