import { isTerminal, runningPhase } from '@gatehouse/shared/run-status';
import { Button, Menu, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { revokeEffect } from '../mfa/session-words.ts';
import { badgeOf } from './badge-of-run.ts';
import { badgeFactsOf } from './tab-of-run.ts';
import { useRunAction } from './use-run-action.ts';

export type Asked = 'cancel' | 'discard' | 'force-cancel' | 'revoke-session';

/** What ends a run before its end: each only while the run's status allows it, and only after a question. */
export function RunButtons({ run, onAsk }: { run: Run; onAsk(asked: Asked): void }) {
  const canForce = useCanForceCancel(run);
  return (
    <>
      {run.isCancelable && (
        <Button variant="default" onClick={() => onAsk('cancel')}>
          {wordsOf(run, 'cancel').action}
        </Button>
      )}
      {canForce && (
        <Button variant="outline" color="red" onClick={() => onAsk('force-cancel')}>
          Force cancel
        </Button>
      )}
      {run.isSessionRevocable && <MoreActions onRevoke={() => onAsk('revoke-session')} />}
    </>
  );
}

function MoreActions({ onRevoke }: { onRevoke(): void }) {
  return (
    <Menu position="bottom-end" withinPortal={false} transitionProps={{ duration: 120 }}>
      <Menu.Target>
        <Button variant="default" aria-label="More actions">
          <IconDots size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onRevoke}>Revoke session…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** In the panel where a plan is decided on, or beside the other buttons while there is none. */
export function DiscardButton({ run, onAsk }: { run: Run; onAsk(asked: Asked): void }) {
  if (!run.isDiscardable) return null;
  return (
    <Button variant="default" onClick={() => onAsk('discard')}>
      {wordsOf(run, 'discard').action}
    </Button>
  );
}

/** The question before the deed. It stands by itself, so that it survives where its button goes. */
export function AskBefore({ run, asked, onClose }: { run: Run; asked: Asked; onClose(): void }) {
  const [version] = useState(run.version);
  const [reason, setReason] = useState('');
  const acting = useRunAction(run.id);
  const words = wordsOf(run, asked);
  const isKilling = asked === 'force-cancel';
  const isRevoking = asked === 'revoke-session';
  // What is urgent is not held up by a change that leaves it as it was.
  const isStale = (isRevoking ? !run.isSessionRevocable : run.version !== version) && acting.isIdle;
  return (
    <ConfirmDialog
      title={`${words.title} of ${run.environment}?`}
      action={words.action}
      keep={words.keep}
      isDestructive={asked !== 'discard'}
      isBusy={acting.isPending}
      {...(isKilling ? { nameToType: run.environment } : {})}
      blockedBecause={isStale ? `The run went on meanwhile: ${badgeOf(badgeFactsOf(run)).words}.` : undefined}
      onConfirm={(typedName) => {
        const why = isRevoking && reason.trim() !== '' ? { comment: reason.trim() } : {};
        acting.mutate(
          { action: asked, ...(isKilling ? { confirmName: typedName } : {}), ...why },
          { onSuccess: onClose },
        );
      }}
      onClose={onClose}
    >
      {words.effect}
      {isRevoking && (
        <>
          {' '}
          {revokeEffect.aws}
          <TextInput
            mt={12}
            label="Reason (optional)"
            description="Stands with the run, for everybody who may read it."
            value={reason}
            maxLength={2000}
            autoComplete="off"
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      )}
      <Failure error={acting.error} />
    </ConfirmDialog>
  );
}

function wordsOf(run: Run, asked: Asked): { title: string; action: string; keep: string; effect: string } {
  const phase = runningPhase(run.status);
  if (asked === 'force-cancel') {
    return {
      title: `Force cancel this ${phase ?? 'run'}`,
      action: 'Force cancel',
      keep: 'Let it stop by itself',
      effect:
        'Terraform is killed at once. What it was changing may be half done and may be missing in the state: compare the two afterwards.',
    };
  }
  if (asked === 'revoke-session') {
    return {
      title: 'Revoke the AWS session',
      action: 'Revoke session',
      keep: 'Keep the session',
      effect: phase === undefined ? revokeEffect.queued : revokeEffect.running,
    };
  }
  if (asked === 'discard') {
    const what = run.planCounts === undefined ? 'run' : 'plan';
    return {
      title: `Discard this ${what}`,
      action: `Discard ${what}`,
      keep: `Keep the ${what}`,
      effect: run.options.savePlan
        ? 'The run ends. Nothing was changed.'
        : 'The run ends. Nothing was changed, and the environment is free for the next run.',
    };
  }
  if (phase === undefined) {
    return {
      title: 'Cancel this run',
      action: 'Cancel run',
      keep: 'Keep the run',
      effect: 'The run ends. Nothing of it is running now.',
    };
  }
  return {
    title: `Cancel this ${phase}`,
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
