import { Button } from '@mantine/core';
import { useState } from 'react';
import type { StreamState } from '../src/api-client/stream-state.ts';
import { ConfirmDialog } from '../src/components/confirm-dialog.tsx';
import { EmptyState } from '../src/components/empty-state.tsx';
import { ErrorState } from '../src/components/error-state.tsx';
import { LoadingState } from '../src/components/loading-state.tsx';
import { RelativeTime } from '../src/components/relative-time.tsx';
import { LiveIndicator } from '../src/features/live/live-indicator.tsx';
import css from './gallery.module.css';

export function States() {
  const [isAsking, setAsking] = useState(false);
  const [now] = useState(Date.now);
  const streams: readonly StreamState[] = [
    { kind: 'connecting' },
    { kind: 'live', lastAt: now },
    { kind: 'late', lastAt: now - 12_000 },
    { kind: 'reconnecting', lastAt: now - 4_000, nextTryAt: now + 8_000 },
    { kind: 'polling', lastAt: now - 40_000, lastPollAt: now - 2_000 },
    { kind: 'signed-out' },
    { kind: 'ended' },
  ];
  return (
    <div className={css['row']}>
      <div className={css['wide']}>
        <div className={css['row']}>
          {streams.map((state) => (
            <LiveIndicator key={state.kind} state={state} onTryNow={() => {}} />
          ))}
        </div>
      </div>
      <div className={css['panel']}>
        <EmptyState title="Nothing waits for you." action={<Button variant="default">Queue a plan</Button>} />
        <p>
          Opened <RelativeTime at={now - 3 * 60_000} />
        </p>
      </div>
      <div className={css['panel']}>
        <LoadingState what="the run" />
      </div>
      <div className={css['panel']}>
        <ErrorState
          title="Gatehouse does not answer"
          detail="Nothing was lost. Check the connection."
          onRetry={() => {}}
        />
      </div>
      <div className={css['panel']}>
        <Button color="red" onClick={() => setAsking(true)}>
          Cancel this apply
        </Button>
        {isAsking && (
          <ConfirmDialog
            title="Cancel this apply of network-prod"
            action="Cancel this apply"
            keep="Keep it running"
            isDestructive
            nameToType="network-prod"
            onConfirm={() => setAsking(false)}
            onClose={() => setAsking(false)}
          >
            Terraform is asked to stop after what it is doing now. What it has changed stays changed.
          </ConfirmDialog>
        )}
      </div>
    </div>
  );
}
