import { needsMfa } from '@gatehouse/shared/mfa-level';
import { claimablePhase, type Phase, runningPhase } from '@gatehouse/shared/run-status';
import { type Challenge, isExtension } from '../store/challenges.ts';
import type { RunPhase } from '../store/phases.ts';
import type { Run } from '../store/runs.ts';

/** The AWS session of a phase, as far as the worker has told of it, or the code that released the phase. */
export type RunSession = {
  phase: Phase;
  accessKeyId: string;
  /** Null: somebody else's session token, whose end is not known. */
  expiresAt: Date | null;
  /** When terraform is interrupted unless the session is extended; null as long as no worker has it. */
  stopsAt: Date | null;
  /** A code is asked for before it ends. */
  isExtendable: boolean;
  isRevocable: boolean;
  revokedAt: Date | null;
  revokedBy: string | null;
  /** Whose code opened it last; undefined: it took none. */
  openedBy: Challenge | undefined;
};

/** Of the phase in hand, or of the last one that had a session; undefined when none has had one. */
export function sessionOfRun(of: {
  run: Run;
  phases: readonly RunPhase[];
  challenges: readonly Challenge[];
}): RunSession | undefined {
  for (const phase of ['apply', 'plan'] as const) {
    const row = of.phases.find((each) => each.phase === phase);
    const theirs = of.challenges.filter((each) => each.phase === phase);
    const session = row && sessionOfPhase(of.run, row, theirs);
    if (session !== undefined) return session;
  }
  return undefined;
}

function sessionOfPhase(run: Run, row: RunPhase, challenges: readonly Challenge[]): RunSession | undefined {
  const { phase, sessionRevokedAt: revokedAt } = row;
  const start = challenges.find((challenge) => !isExtension(challenge));
  const accessKeyId = row.sessionAccessKeyId ?? start?.sessionAccessKeyId;
  if (accessKeyId == null) return undefined;
  // Nobody is asked again about a session that nobody extended.
  const isGivenUp = challenges.findLast(isExtension)?.state === 'given_up';
  const isLive = row.outcome === null && (runningPhase(run.status) ?? claimablePhase(run.status)) === phase;
  return {
    phase,
    accessKeyId,
    expiresAt: row.sessionAccessKeyId === null ? (start?.sessionExpiresAt ?? null) : row.sessionExpiresAt,
    stopsAt: row.sessionStopsAt,
    isExtendable:
      isLive && revokedAt === null && !isGivenUp && needsMfa(run.mfaLevel, phase) && run.awsDelivery === 'endpoint',
    isRevocable: isLive && revokedAt === null,
    revokedAt,
    revokedBy: row.sessionRevokedBy,
    openedBy: challenges.findLast(({ sessionAccessKeyId }) => sessionAccessKeyId !== null),
  };
}
