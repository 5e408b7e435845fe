import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Lane, type Queue, setPaused } from '../../api-client/queue.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import { pauseWords, resumeWords } from './queue-words.ts';

/** Pauses or resumes one lane, after asking. */
export function LaneSwitch({ lane, paused }: { lane: Lane; paused: Queue['paused'] }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const isPaused = paused[lane] !== null;
  // What was asked for stays what it is while somebody else is faster.
  const [wanted, setWanted] = useState(false);
  const switching = useMutation({
    mutationFn: (pause: boolean) => setPaused(api, lane, pause),
    onSuccess: () => queries.invalidateQueries({ queryKey: queryKeys.queue() }),
    onSettled: () => setAsking(false),
  });
  const words = (isPaused ? resumeWords : pauseWords)[lane];
  const asked = (wanted ? pauseWords : resumeWords)[lane];
  const Icon = isPaused ? IconPlayerPlay : IconPlayerPause;
  return (
    <>
      <Button
        variant="default"
        size="sm"
        leftSection={<Icon size={16} aria-hidden />}
        onClick={() => {
          switching.reset();
          setWanted(!isPaused);
          setAsking(true);
        }}
      >
        {words.action}
      </Button>
      {switching.isError && <Failure error={switching.error} />}
      {isAsking && (
        <ConfirmDialog
          title={asked.title}
          action={asked.action}
          keep={asked.keep}
          isBusy={switching.isPending}
          blockedBecause={wanted === isPaused && !switching.isPending ? 'Somebody did this meanwhile.' : undefined}
          onConfirm={() => switching.mutate(wanted)}
          onClose={() => setAsking(false)}
        >
          <p>{asked.effect} It stands in the audit log with your name.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const pausedSentences: Record<Lane, string> = {
  runs: 'Runs wait in the queue; running ones finish.',
  gate: 'No code is taken, and none is spent. Deadlines go on.',
};

/** Who paused what, since when. */
export function PausedNotices({ paused }: { paused: Queue['paused'] }) {
  const lanes = (['runs', 'gate'] as const).flatMap((lane) => {
    const by = paused[lane];
    return by === null ? [] : [{ lane, by: by.by, at: by.at }];
  });
  return lanes.map(({ lane, by, at }) => (
    <Notice
      key={lane}
      tone="need"
      role="status"
      title={`${lane === 'runs' ? 'Runs are' : 'Codes are'} paused by ${by}`}
    >
      {pausedSentences[lane]} Since <RelativeTime at={at} />.
    </Notice>
  ));
}
