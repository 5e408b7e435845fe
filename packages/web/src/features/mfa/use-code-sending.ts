import { useCallback, useEffect, useRef, useState } from 'react';
import type { Words } from './mfa-words.ts';

/** What came of a code. `accepted`: the page shows the run as it is then. */
export type CodeOutcome = { kind: 'accepted' } | { kind: 'refused'; words: Words; awsSaid?: string };

export type CodeSending = {
  phase: 'idle' | 'checking' | 'slow' | 'very-slow';
  refusal: Extract<CodeOutcome, { kind: 'refused' }> | undefined;
  /** Sends once, however often it is called before the answer. */
  send(code: string): Promise<CodeOutcome | undefined>;
};

const slowAfterMs = 3_000;
const verySlowAfterMs = 10_000;

/**
 * The life of one submitted code. The code is an argument that nothing keeps: no query cache, no storage, no error. A
 * failure of the request itself is a refusal too, since the run may or may not have got the code: `submit` must say so.
 */
export function useCodeSending(submit: (code: string) => Promise<CodeOutcome>): CodeSending {
  const [phase, setPhase] = useState<CodeSending['phase']>('idle');
  const [refusal, setRefusal] = useState<CodeSending['refusal']>(undefined);
  const isSending = useRef(false);
  const isMounted = useRef(true);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);

  const send = useCallback(
    async (code: string) => {
      // Two presses in one tick: state is not drawn yet, the ref is written already.
      if (isSending.current) return undefined;
      isSending.current = true;
      setPhase('checking');
      setRefusal(undefined);
      const slow = setTimeout(() => setPhase('slow'), slowAfterMs);
      const verySlow = setTimeout(() => setPhase('very-slow'), verySlowAfterMs);
      try {
        const outcome = await submit(code);
        if (isMounted.current && outcome.kind === 'refused') setRefusal(outcome);
        return outcome;
      } finally {
        clearTimeout(slow);
        clearTimeout(verySlow);
        isSending.current = false;
        if (isMounted.current) setPhase('idle');
      }
    },
    [submit],
  );
  return { phase, refusal, send };
}
