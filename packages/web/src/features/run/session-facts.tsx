import { needsMfa } from '@gatehouse/shared/mfa-level';
import { claimablePhase, type Phase, runningPhase } from '@gatehouse/shared/run-status';
import { isExtending } from '../../api-client/mfa.ts';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { clockTime, exactTime } from '../../components/duration-words.ts';
import { SessionTime } from '../mfa/session-time.tsx';
import { sessionFate } from '../mfa/session-words.ts';
import css from './phase-card.module.css';

/** The AWS session of a phase: its key, until when, and what happens then. Of an earlier phase only how long it lasted. */
export function SessionFacts({ run, phase }: { run: Run; phase: Phase }) {
  const { session } = run;
  const now = useNow(1000);
  if (session?.phase !== phase) return <EarlierSession run={run} phase={phase} />;
  const { accessKeyId, expiresAt, revoked } = session;
  const isLive = (runningPhase(run.status) ?? claimablePhase(run.status)) === phase && revoked === undefined;
  // Without codes the worker renews it by itself; and the panel of a code says what becomes of it.
  const hasFate = isLive && needsMfa(run.level, phase) && !isExtending(run.mfa);
  return (
    <p className={css['session']} data-testid="session-facts">
      AWS key <code>{accessKeyId}</code>
      {revoked !== undefined && (
        <>
          {' '}
          · session revoked by {revoked.by} at <time title={exactTime(revoked.at)}>{clockTime(revoked.at)}</time>
        </>
      )}
      {revoked === undefined && expiresAt !== undefined && (
        <>
          {' '}
          · <SessionTime endsAt={expiresAt} isRunning={isLive} />
        </>
      )}
      {hasFate && ` · ${sessionFate(session, now)}`}
    </p>
  );
}

function EarlierSession({ run, phase }: { run: Run; phase: Phase }) {
  const endsAt = run.mfaOfPhase[phase]?.sessionExpiresAt;
  if (endsAt === undefined) return null;
  return (
    <p className={css['session']} data-testid="session-facts">
      AWS <SessionTime endsAt={endsAt} isRunning={false} />
    </p>
  );
}
