import { useEffect, useRef, useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { badgeOf } from './badge-of-run.ts';
import { badgeFactsOf } from './tab-of-run.ts';

/** Tells a screen reader of a new status, once and politely. What the page came up with is no news. */
export function SpokenStatus({ run }: { run: Run }) {
  const { words } = badgeOf(badgeFactsOf(run));
  const first = useRef(words);
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    if (words !== first.current) setSpoken(words);
    first.current = '';
  }, [words]);
  return (
    <p className="gh-visually-hidden" role="status" data-testid="spoken-status">
      {spoken}
    </p>
  );
}
