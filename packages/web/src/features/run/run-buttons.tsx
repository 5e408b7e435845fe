import { isTerminal, runningPhase } from '@gatehouse/shared/run-status';
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import type { RunAction } from '../../api-client/run-actions.ts';
import { useNow } from '../../components/clock.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { badgeOf } from './badge-of-run.ts';
import { badgeFactsOf } from './tab-of-run.ts';
import { useRunAction } from './use-run-action.ts';

type Asked = 'cancel' | 'discard' | 'force-cancel';

/** What ends a run before its end: each only while the run's status allows it. */
export function RunButtons({ run }: { run: Run }) {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const canForce = useCanForceCancel(run);
  const { action } = wordsOf(run, 'cancel');
  return (
    <>
      {run.isCancelable && (
        <Button variant="default" onClick={() => setAsked('cancel')}>
          {action}
        </Button>
      )}
      {canForce && (
        <Button variant="outline" color="red" onClick={() => setAsked('force-cancel')}>
          Force cancel
        </Button>
      )}
      {asked !== undefined && <AskBefore run={run} asked={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** In the panel where a plan is decided on, or beside the other buttons while there is none. */
export function DiscardButton({ run }: { run: Run }) {
  const [isAsked, setAsked] = useState(false);
  if (!run.isDiscardable) return null;
  return (
    <>
      <Button variant="default" onClick={() => setAsked(true)}>
        {wordsOf(run, 'discard').action}
      </Button>
      {isAsked && <AskBefore run={run} asked="discard" onClose={() => setAsked(false)} />}
    </>
  );
}

function AskBefore({ run, asked, onClose }: { run: Run; asked: Asked; onClose(): void }) {
  const [version] = useState(run.version);
  const acting = useRunAction(run.id);
  const words = wordsOf(run, asked);
  const isKilling = asked === 'force-cancel';
  const isStale = run.version !== version && !acting.isPending;
  return (
    <ConfirmDialog
      title={`${words.action} of ${run.environment}?`}
      action={words.action}
      keep={words.keep}
      isDestructive={asked !== 'discard'}
      isBusy={acting.isPending}
      {...(isKilling ? { nameToType: run.environment } : {})}
      blockedBecause={isStale ? `The run went on meanwhile: ${badgeOf(badgeFactsOf(run)).words}.` : undefined}
      onConfirm={(typedName) => {
        const action: RunAction = asked;
        acting.mutate({ action, ...(isKilling ? { confirmName: typedName } : {}) }, { onSuccess: onClose });
      }}
      onClose={onClose}
    >
      {words.effect}
      <Failure error={acting.error} />
    </ConfirmDialog>
  );
}

function wordsOf(run: Run, asked: Asked): { action: string; keep: string; effect: string } {
  const phase = runningPhase(run.status);
  if (asked === 'force-cancel') {
    return {
      action: 'Force cancel',
      keep: 'Let it stop by itself',
      effect:
        'Terraform is killed at once. What it was changing may be half done and may be missing in the state: compare the two afterwards.',
    };
  }
  if (asked === 'discard') {
    const what = run.planCounts === undefined ? 'run' : 'plan';
    return {
      action: `Discard ${what}`,
      keep: `Keep the ${what}`,
      effect: 'The run ends. Nothing was changed, and the environment is free for the next run.',
    };
  }
  if (phase === undefined) {
    return { action: 'Cancel run', keep: 'Keep the run', effect: 'The run ends. Nothing of it is running now.' };
  }
  return {
    action: `Cancel this ${phase}`,
    keep: 'Keep it running',
    effect:
      phase === 'plan'
        ? 'Terraform is interrupted. A plan changes nothing.'
        : 'Terraform is interrupted and stops after what it is changing now. What is done stays, and is in the state.',
  };
}

/** Some seconds after a cancel that did not help; owners only. */
function useCanForceCancel(run: Run): boolean {
  const now = useNow(1000);
  const { cancelRequestedAt, forceCancelAvailableAt } = run;
  if (isTerminal(run.status) || runningPhase(run.status) === undefined || !run.mayForceCancel) return false;
  return cancelRequestedAt !== undefined && forceCancelAvailableAt !== undefined && forceCancelAvailableAt <= now;
}
