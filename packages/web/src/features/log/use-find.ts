import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { findInLog, type Hit, nearestHit } from './find-in-log.ts';
import type { LogBuffer } from './log-buffer.ts';

export type Find = {
  search: string;
  hits: readonly Hit[];
  /** Index into `hits`; undefined without any. */
  current: number | undefined;
  setSearch(search: string): void;
  /** To the next (1) or previous (-1) hit, round the end. Returns where that is. */
  step(by: 1 | -1): Hit | undefined;
};

/** Search over the whole log, kept up while it grows. */
export function useFind(buffer: LogBuffer, version: number, fromLine: () => number): Find {
  const [search, setSearchText] = useState('');
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const deferredSearch = useDeferredValue(search);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the buffer changes with its version.
  const hits = useMemo(() => findInLog(buffer, deferredSearch), [buffer, deferredSearch, version]);
  const current = hits.length === 0 ? undefined : Math.min(chosen ?? 0, hits.length - 1);

  const setSearch = useCallback((text: string) => {
    setSearchText(text);
    setChosen(undefined);
  }, []);

  const step = useCallback(
    (by: 1 | -1) => {
      if (hits.length === 0) return undefined;
      const next = chosen === undefined ? nearestHit(hits, fromLine()) : (chosen + by + hits.length) % hits.length;
      setChosen(next);
      return hits[next];
    },
    [hits, chosen, fromLine],
  );

  return { search, hits, current, setSearch, step };
}
