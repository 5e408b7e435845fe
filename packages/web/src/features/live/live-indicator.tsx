import { useEffect, useState } from 'react';
import type { StreamState } from '../../api-client/stream-state.ts';
import css from './live-indicator.module.css';
import { liveWords } from './live-words.ts';

// Short hiccups are seen, not heard.
const spokenAfterMs = 5_000;

/** How new this page is: dot, word, age. Speaks only of a state that lasts. */
export function LiveIndicator({ state, onTryNow }: { state: StreamState; onTryNow?: () => void }) {
  const now = useLocalNow();
  const { word, detail, family, canTry } = liveWords(state, now);
  const spoken = useLasting(word, spokenAfterMs);
  return (
    <span className={css['live']} data-testid="live-indicator" data-state={state.kind} data-family={family}>
      <span className={css['dot']} aria-hidden />
      <span className={css['word']}>{word}</span>
      {detail !== '' && <span className={css['detail']}>{detail}</span>}
      {canTry && onTryNow !== undefined && (
        <button type="button" className={css['try']} onClick={onTryNow}>
          Try now
        </button>
      )}
      <span className="gh-visually-hidden" role="status">
        {spoken}
      </span>
    </span>
  );
}

/** The browser's own clock: a stream's state is dated by it, not by the api's. */
function useLocalNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** `value` once it has stood for a while; nothing at first: that a page has come up live is no news. */
function useLasting(value: string, afterMs: number): string {
  const [lasting, setLasting] = useState('');
  const [first] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLasting((old) => (old === '' && value === first ? '' : value)), afterMs);
    return () => clearTimeout(timer);
  }, [value, first, afterMs]);
  return lasting;
}
