import { Button } from '@mantine/core';
import { IconBolt, IconHourglassLow, IconMoon, IconPlugConnectedX, type TablerIcon } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { listWorkers, setDraining, type Worker } from '../../api-client/queue.ts';
import { useNow } from '../../components/clock.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { durationWords, exactTime } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { pathTo } from '../../components/paths.ts';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { shortRunId } from '../run/run-name.ts';
import { useServices } from '../session/services.tsx';
import css from './worker-list.module.css';

/** Each worker: what it does, since when it was heard of, and the drain. */
export function WorkerList({ canOperate }: { canOperate: boolean }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [draining, setDrainingOf] = useState<Worker>();
  const workers = useQuery({ queryKey: queryKeys.workers(), queryFn: ({ signal }) => listWorkers(api, signal) });
  const changing = useMutation({
    mutationFn: (wish: { id: string; isDraining: boolean }) => setDraining(api, wish.id, wish.isDraining),
    onSuccess: () => queries.invalidateQueries({ queryKey: queryKeys.workers() }),
    onSettled: () => setDrainingOf(undefined),
  });
  const columns: readonly Column<Worker>[] = [
    {
      head: 'Worker',
      place: 'title',
      cell: ({ name, version, sandbox }) => (
        <>
          {name} <span className={css['note']}>{`${version}, ${sandbox}`}</span>
        </>
      ),
    },
    { head: 'State', place: 'bare', cell: (worker) => <WorkerBadge worker={worker} /> },
    { head: 'Works on', cell: (worker) => <Phases worker={worker} /> },
    { head: 'Last sign', cell: (worker) => <LastSign worker={worker} /> },
    ...(canOperate
      ? [
          {
            head: 'Actions',
            place: 'end' as const,
            cell: (worker: Worker) =>
              worker.draining ? (
                <Button
                  variant="default"
                  size="xs"
                  aria-label={`Stop drain of ${worker.name}`}
                  loading={changing.isPending && changing.variables.id === worker.id}
                  onClick={() => changing.mutate({ id: worker.id, isDraining: false })}
                >
                  Stop drain
                </Button>
              ) : (
                <Button
                  variant="default"
                  size="xs"
                  aria-label={`Drain ${worker.name}`}
                  onClick={() => setDrainingOf(worker)}
                >
                  Drain
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Section title="Workers">
      <Failure error={changing.error} />
      <Answered query={workers} what="the workers">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="No worker has come yet." body="Runs wait in the queue until one does." />
          ) : (
            <DataTable label="Workers" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </Answered>
      {draining !== undefined && (
        <ConfirmDialog
          title={`Drain ${draining.name}`}
          action="Drain worker"
          keep="Keep it working"
          isBusy={changing.isPending}
          onConfirm={() => changing.mutate({ id: draining.id, isDraining: true })}
          onClose={() => setDrainingOf(undefined)}
        >
          <p>
            It takes no new phase and finishes {draining.phases.length + draining['hidden-phases']} that it has. Codes
            are still exchanged. It stands in the audit log with your name.
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const badges: Record<Worker['state'], { words: string; icon: TablerIcon; family: string }> = {
  working: { words: 'Working', icon: IconBolt, family: 'run' },
  idle: { words: 'Idle', icon: IconMoon, family: 'idle' },
  draining: { words: 'Draining', icon: IconHourglassLow, family: 'idle' },
  no_sign: { words: 'No sign', icon: IconPlugConnectedX, family: 'bad' },
};

function WorkerBadge({ worker }: { worker: Worker }) {
  const { words, icon: Icon, family } = badges[worker.state];
  const by = worker['drain-requested-by'];
  return (
    <span className={css['badge']} data-family={family} title={by === null ? undefined : `Drained by ${by}`}>
      <Icon size={16} aria-hidden />
      {words}
    </span>
  );
}

function Phases({ worker }: { worker: Worker }) {
  const hidden = worker['hidden-phases'];
  if (worker.phases.length === 0 && hidden === 0) return null;
  return (
    <ul className={css['phases']}>
      {worker.phases.map(({ 'run-id': runId, phase, organization, workspace }) => (
        <li key={runId}>
          <Link to={pathTo('run', { organization, workspace, runId })} title={runId}>
            {shortRunId(runId)}
          </Link>{' '}
          {phase} of {workspace}
        </li>
      ))}
      {hidden > 0 && <li className={css['note']}>{hidden} of organizations that are not yours</li>}
    </ul>
  );
}

function LastSign({ worker }: { worker: Worker }) {
  const now = useNow(1000);
  const at = worker['last-seen-at'];
  const lostAt = worker['lost-at'];
  const hasPhases = worker.phases.length + worker['hidden-phases'] > 0;
  return (
    <>
      <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
        {durationWords(now - at)} ago
      </time>
      {lostAt !== null && hasPhases && (
        <span className={css['lost']}>
          {lostAt > now ? ` its phases are lost in ${durationWords(lostAt - now)}` : ' its phases are lost'}
        </span>
      )}
    </>
  );
}
