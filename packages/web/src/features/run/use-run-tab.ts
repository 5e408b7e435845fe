import { isTerminal } from '@gatehouse/shared/run-status';
import { useEffect, useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { useTabSign } from '../live/tab-sign.tsx';
import { useSession } from '../session/current-session.tsx';
import { tabSign } from './tab-of-run.ts';

const doneMs = 5_000;

/** The tab's icon: what this run needs or does; a tick for a moment when it ended well while it was open. */
export function useRunTab(run: Run): void {
  const { who } = useSession();
  const [wasOpen] = useState(() => !isTerminal(run.status));
  const [isDone, setDone] = useState(false);
  const endsWell = wasOpen && (run.status === 'applied' || run.status === 'planned_and_finished');
  useEffect(() => {
    if (!endsWell) return;
    setDone(true);
    const timer = setTimeout(() => setDone(false), doneMs);
    return () => clearTimeout(timer);
  }, [endsWell]);
  useTabSign(isDone ? 'done' : tabSign(run, who.username));
}
