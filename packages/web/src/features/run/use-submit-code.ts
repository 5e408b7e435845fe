import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';
import { isApiError } from '../../api-client/api-error.ts';
import { authenticateRun } from '../../api-client/authenticate.ts';
import type { Device, Mfa } from '../../api-client/mfa.ts';
import type { Run } from '../../api-client/run.ts';
import type { Words } from '../mfa/mfa-words.ts';
import { rememberDevice } from '../mfa/my-devices.ts';
import { factsOf, refusalOfError } from '../mfa/refusal-of-error.ts';
import type { CodeOutcome } from '../mfa/use-code-sending.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { refreshRun, runQuery } from './use-run.ts';

const gone = ['mfa_not_awaited', 'mfa_deadline_passed', 'mfa_too_many_attempts', 'invalid_transition'] as const;

export type Submission = {
  run: Run;
  mfa: Mfa;
  device: Device | undefined;
  typedName: string;
  /** The run no longer waited: what became of the digits, for where the panel was. */
  onGone(words: Words): void;
  onAccepted(): void;
};

/** Sends a code, then looks at what became of the run: also after an answer that was lost. */
export function useSubmitCode(submission: Submission): (code: string) => Promise<CodeOutcome> {
  const { api, clock } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const newest = useRef(submission);
  newest.current = submission;
  return useCallback(
    async (code: string): Promise<CodeOutcome> => {
      const { run, mfa: wait, device, typedName, onGone, onAccepted } = newest.current;
      if (device === undefined) throw new Error('There is no device to answer with.');
      const startsApply = wait.phase === 'apply' && wait.purpose === 'start';
      const confirmName = run.needsName && startsApply ? typedName : undefined;
      try {
        await authenticateRun(api, { runId: run.id, code, device: device.owner, confirmName });
        rememberDevice(who.username, device);
        await refreshRun(queries, run.id);
        onAccepted();
        return { kind: 'accepted' };
      } catch (error) {
        await refreshRun(queries, run.id);
        const now = queries.getQueryData(runQuery(api, run.id).queryKey);
        const shown = now?.mfaOfPhase[wait.phase];
        // After an extension the phase shows again what it was started with.
        const after = shown?.challengeId === wait.challengeId ? shown : undefined;
        // The answer was lost, not the code.
        if (isApiError(error, 'unreachable') && now !== undefined && after?.state !== 'awaiting') {
          return { kind: 'accepted' };
        }
        const endedBy = after?.authenticatedBy;
        const facts = {
          ...factsOf({ ...(after ?? wait), device }, clock.now()),
          ...(endedBy === undefined ? {} : { endedBy }),
        };
        const refusal = refusalOfError(error, facts);
        if (gone.some((goneCode) => isApiError(error, goneCode))) onGone(refusal.words);
        const awsSaid = isApiError(error, after?.lastError?.code) ? after?.lastError?.awsSaid : undefined;
        return awsSaid === undefined ? refusal : { ...refusal, awsSaid };
      }
    },
    [api, clock, queries, who.username],
  );
}
