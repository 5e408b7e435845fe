import type { Phase } from '@gatehouse/shared/run-status';
import { type Challenge, findOpenExtension, updateOpenChallenge } from '../store/challenges.ts';
import { enqueue } from '../store/outbox.ts';
import type { Change } from './run-core.ts';

/** Nobody needs its code any more; a session that comes of one all the same is taken back. */
export function withdrawChallenge({ transaction, at }: Change, challenge: Challenge): void {
  const { id: challengeId, attempt, runId } = challenge;
  const set = { state: 'withdrawn', codeFingerprint: null } as const;
  if (updateOpenChallenge(transaction, challengeId, set) === undefined) return;
  enqueue(transaction, { runId, at }, { kind: 'remove-challenge', challengeId, attempt });
}

/** The session of the phase is not to be extended any more. */
export function withdrawExtension(change: Change, runId: string, phase: Phase): void {
  const extension = findOpenExtension(change.transaction, runId, phase);
  if (extension !== undefined) withdrawChallenge(change, extension);
}
