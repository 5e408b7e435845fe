import { isTerminal } from '@gatehouse/shared/run-status';
import { useId } from 'react';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { CopyableJson } from '../../components/copyable-json.tsx';
import { clockTime, exactTime } from '../../components/duration-words.ts';
import { attachWords } from '../mfa/session-words.ts';
import css from './panel.module.css';

/** Who revoked the session of this run and when, and what makes AWS refuse it too. */
export function RevokedSession({ run }: { run: Run }) {
  const headingId = useId();
  const now = useNow(1000);
  const { session } = run;
  if (session?.revoked === undefined) return null;
  const { revoked, revocation, accessKeyId, expiresAt } = session;
  const isOver = expiresAt !== undefined && expiresAt <= now;
  const end = expiresAt === undefined ? 'its end' : clockTime(expiresAt);
  return (
    <section className={css['panel']} aria-labelledby={headingId} data-testid="revoked-session" data-family="bad">
      <header className={css['head']}>
        <h2 id={headingId} className={css['title']} tabIndex={-1}>
          AWS session revoked
        </h2>
        <time className={css['deadline']} title={exactTime(revoked.at)}>
          {clockTime(revoked.at, true)} · {revoked.by}
        </time>
      </header>
      <p>
        {revoked.by} revoked the session <code>{accessKeyId}</code> of this {session.phase}. Gatehouse gives it to
        nobody any more{isTerminal(run.status) ? '.' : ', and terraform is being interrupted.'}{' '}
        {isOver
          ? `AWS itself ended it at ${end}; nothing is left to do there.`
          : `AWS itself still honours it until ${end}, unless the policy below is attached.`}
      </p>
      {!isOver && revocation !== undefined && (
        <>
          <p>{attachWords(revocation)}</p>
          <CopyableJson value={revocation.policy} what="revocation policy" />
        </>
      )}
    </section>
  );
}
