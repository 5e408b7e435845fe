import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { isApiError } from '../api-client/api-error.ts';
import { type QueueRange, queueRanges, readQueue } from '../api-client/queue.ts';
import { LoadingState } from '../components/loading-state.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Answered } from '../features/answers/answered.tsx';
import { useQueueTopic } from '../features/live/live-provider.tsx';
import { queryKeys } from '../features/live/query-keys.ts';
import { LaneSwitch, PausedNotices } from '../features/queue/lane-switch.tsx';
import { OpenRuns } from '../features/queue/open-runs.tsx';
import { QueueTiles } from '../features/queue/queue-tiles.tsx';
import { FailuresByCause, WaitsForWhom } from '../features/queue/waits-and-failures.tsx';
import { WorkerList } from '../features/queue/worker-list.tsx';
import { useSession } from '../features/session/current-session.tsx';
import { mayOperate } from '../features/session/may-operate.ts';
import { useServices } from '../features/session/services.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import css from './queue-page.module.css';

const QueueCharts = lazy(() =>
  import('../features/queue/queue-charts.tsx').then((file) => ({ default: file.QueueCharts })),
);

const rangeWords: Record<QueueRange, { short: string; long: string }> = {
  1: { short: '1 h', long: 'the last hour' },
  24: { short: '24 h', long: 'the last 24 hours' },
  168: { short: '7 d', long: 'the last 7 days' },
};

/** `/queue`: is anything stuck, for how long, because of whom? Operators only. */
export function QueuePage() {
  return mayOperate(useSession()) ? <Queue /> : <NotFoundPage />;
}

function Queue() {
  const { api } = useServices();
  const [range, setRange] = useState<QueueRange>(24);
  useQueueTopic();
  const queue = useQuery({
    queryKey: queryKeys.queue(String(range)),
    queryFn: ({ signal }) => readQueue(api, range, signal),
    placeholderData: keepPreviousData,
  });
  if (isApiError(queue.error, 'forbidden')) return <NotFoundPage />;
  return (
    <>
      <PageTitle parts={['Queue']} />
      <PageHeader
        title="Queue"
        actions={
          <>
            {queue.data?.['can-operate'] === true && (
              <>
                <LaneSwitch lane="runs" paused={queue.data.paused} />
                <LaneSwitch lane="gate" paused={queue.data.paused} />
              </>
            )}
            <fieldset className={css['ranges']}>
              <legend className="gh-visually-hidden">How far back</legend>
              {queueRanges.map((hours) => (
                <Button
                  key={hours}
                  variant={hours === range ? 'light' : 'default'}
                  size="sm"
                  aria-pressed={hours === range}
                  title={rangeWords[hours].long}
                  onClick={() => setRange(hours)}
                >
                  {rangeWords[hours].short}
                </Button>
              ))}
            </fieldset>
          </>
        }
      />
      <Answered query={queue} what="the queue">
        {(data) => (
          <>
            <div className={css['notices']}>
              <PausedNotices paused={data.paused} />
            </div>
            <QueueTiles now={data.now} />
            <WorkerList canOperate={data['can-operate']} />
            <div className={css['pair']}>
              <WaitsForWhom waits={data['waits-by-device']} />
              <FailuresByCause failures={data.failures} range={rangeWords[range].long} />
            </div>
            <OpenRuns />
            <Suspense fallback={<LoadingState what="the charts" />}>
              <QueueCharts queue={data} range={range} />
            </Suspense>
          </>
        )}
      </Answered>
      <p className={css['raw']}>
        <a href="/queue-raw/">Raw queue</a> (Bull Board, read-only; sealed payloads stay sealed)
      </p>
    </>
  );
}
