import { useCallback, useEffect, useRef, useState } from 'react';
import type { Wait } from '../../api-client/waits.ts';
import { challengeIdOf } from './batch-outcome.ts';
import { isTickedAtFirst } from './wait-groups.ts';

export type Ticks = { isTicked(runId: string): boolean; tick(runId: string, isTicked: boolean): void };

/**
 * What is ticked. A row that comes while somebody is at the code (`isInUse`) stays unticked, whatever its kind: a code
 * must not start what was not there when it was read.
 */
export function useTicks(waits: readonly Wait[], isInUse: () => boolean): Ticks {
  const [ticks, setTicks] = useState<ReadonlyMap<string, boolean>>(
    () => new Map(waits.map((wait) => [tickKey(wait), isTickedAtFirst(wait)])),
  );
  const asked = useRef(isInUse);
  asked.current = isInUse;
  useEffect(() => {
    setTicks((old) => {
      const fresh = waits.filter((wait) => !old.has(tickKey(wait)));
      if (fresh.length === 0) return old;
      const busy = asked.current();
      return new Map([...old, ...fresh.map((wait) => [tickKey(wait), !busy && isTickedAtFirst(wait)] as const)]);
    });
  }, [waits]);

  const keys = new Map(waits.map((wait) => [wait.runId, tickKey(wait)]));
  const tick = useCallback(
    (runId: string, isTicked: boolean) => {
      const wait = waits.find((candidate) => candidate.runId === runId);
      if (wait !== undefined) setTicks((old) => new Map(old).set(tickKey(wait), isTicked));
    },
    [waits],
  );
  return { isTicked: (runId) => ticks.get(keys.get(runId) ?? '') ?? false, tick };
}

/** A run waits several times, for its plan, for its apply, for more time: a tick for one is none for another. */
function tickKey(wait: Wait): string {
  return challengeIdOf(wait);
}
