import { runningPhase } from '@gatehouse/shared/run-status';
import { useEffect, useRef, useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { Notice } from '../../components/notice.tsx';
import { extendedWords, notExtendedWords } from '../mfa/session-words.ts';
import type { Gate } from './gate-of-run.ts';

/** A wait for a code that would extend, as it was seen last. */
type LastSeen = {
  challengeId: string;
  expiresAt: number | undefined;
  stopsAt: number | undefined;
  by: string | undefined;
};

/**
 * What became of a wait for a longer session that this page has seen, for as long as the phase runs. It goes by the session
 * itself: where that does not tell, nothing is said. `acceptedId`: the challenge whose code this reader gave.
 */
export function ExtensionOutcome(props: { run: Run; gate: Gate; acceptedId: string | undefined; username: string }) {
  const { run, gate, acceptedId, username } = props;
  const last = useLastSeen(run, gate);
  const now = useNow(1000);
  const phase = runningPhase(run.status);
  const { session } = run;
  if (last === undefined || gate.kind === 'extend' || phase === undefined) return null;
  if (session?.phase !== phase || session.revoked !== undefined) return null;
  const isLonger = session.expiresAt !== undefined && session.expiresAt > (last.expiresAt ?? 0);
  const isMine = last.challengeId === acceptedId;
  if (isLonger || isMine) {
    const words = extendedWords(isLonger ? session.expiresAt : undefined, isMine ? username : last.by);
    return (
      <Notice tone="ok" title={words.title} role="status">
        {words.body}
      </Notice>
    );
  }
  if (last.stopsAt === undefined || now < last.stopsAt) return null;
  const words = notExtendedWords(phase, last.stopsAt);
  return (
    <Notice tone="bad" title={words.title} role="status">
      {words.body}
    </Notice>
  );
}

function useLastSeen(run: Run, gate: Gate): LastSeen | undefined {
  const [last, setLast] = useState<LastSeen | undefined>(undefined);
  const expiresAt = run.session?.expiresAt;
  const mfa = gate.kind === 'extend' ? gate.mfa : undefined;
  // What the session was when the code was first asked for: the new one may be told while the wait still shows.
  const first = useRef<{ id: string; expiresAt: number | undefined } | undefined>(undefined);
  if (mfa !== undefined && first.current?.id !== mfa.challengeId) first.current = { id: mfa.challengeId, expiresAt };
  useEffect(() => {
    if (mfa === undefined) return;
    setLast({
      challengeId: mfa.challengeId,
      expiresAt: first.current?.expiresAt,
      stopsAt: mfa.deadlineAt,
      by: mfa.state === 'exchanging' ? mfa.submittedBy : undefined,
    });
  }, [mfa]);
  return last;
}
