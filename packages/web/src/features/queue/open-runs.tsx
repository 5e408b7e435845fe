import { canCancel, canDiscard } from '@gatehouse/shared/run-status';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { RunSummary } from '../../api-client/run.ts';
import { actOnRun } from '../../api-client/run-actions.ts';
import { listOpenRuns } from '../../api-client/run-lists.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { pathTo } from '../../components/paths.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { RunBadge, RunLink } from '../environments/run-facts.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import css from './worker-list.module.css';

/** Every run of my organizations that is not over, oldest first, with the way to end it. */
export function OpenRuns() {
  const { api } = useServices();
  const { organizations } = useSession();
  const queries = useQueryClient();
  const [ending, setEnding] = useState<RunSummary>();
  const runs = useQuery({
    queryKey: [...queryKeys.openRuns(), organizations.map(({ name }) => name).join(' ')],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        organizations.map(({ name }) => listOpenRuns(api, { organization: name }, signal)),
      );
      return lists.flat().sort((one, other) => one.createdAt - other.createdAt);
    },
  });
  const acting = useMutation({
    mutationFn: (run: RunSummary) => actOnRun(api, run.id, wayToEnd(run) ?? 'cancel'),
    onSettled: () => {
      setEnding(undefined);
      void queries.invalidateQueries({ queryKey: queryKeys.openRuns() });
      void queries.invalidateQueries({ queryKey: queryKeys.queue() });
    },
  });
  const now = runs.data?.find(({ id }) => id === ending?.id);
  const columns: readonly Column<RunSummary>[] = [
    {
      head: 'Run',
      place: 'title',
      cell: (run) => (
        <>
          <RunLink run={run} />{' '}
          <Link
            className={css['note'] ?? ''}
            to={pathTo('environment', { organization: run.organization, environment: run.environment })}
          >
            {run.environment}
          </Link>
        </>
      ),
    },
    { head: 'Status', place: 'bare', cell: (run) => <RunBadge run={run} /> },
    { head: 'By', cell: ({ createdBy }) => createdBy },
    { head: 'Queued', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    {
      head: 'Actions',
      place: 'end',
      cell: (run) => {
        const way = wayToEnd(run);
        return (
          way !== undefined && (
            <Button
              variant="default"
              size="xs"
              aria-label={`${endWords[way].verb} ${run.id}`}
              onClick={() => setEnding(run)}
            >
              {endWords[way].verb}
            </Button>
          )
        );
      },
    },
  ];
  return (
    <Section title="Runs that are not over" note={organizations.map(({ name }) => name).join(', ')}>
      <Failure error={acting.error} />
      <Answered query={runs} what="the runs">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="No run waits or works." />
          ) : (
            <DataTable label="Runs that are not over" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </Answered>
      {ending !== undefined && (
        <ConfirmDialog
          title={`${endWords[wayToEnd(ending) ?? 'cancel'].verb} the run of ${ending.environment}, queued by ${ending.createdBy}`}
          action={`${endWords[wayToEnd(ending) ?? 'cancel'].verb} run`}
          keep="Keep it"
          isDestructive
          isBusy={acting.isPending}
          blockedBecause={
            now?.version !== ending.version && !acting.isPending
              ? 'The run went on meanwhile. Look at it again.'
              : undefined
          }
          onConfirm={() => acting.mutate(ending)}
          onClose={() => setEnding(undefined)}
        >
          <p>{endWords[wayToEnd(ending) ?? 'cancel'].effect}</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const endWords = {
  cancel: {
    verb: 'Cancel',
    effect: 'Where terraform runs it is asked to stop after what it is doing now. What it has changed stays changed.',
  },
  discard: { verb: 'Discard', effect: 'The plan is thrown away. Nothing of it was applied.' },
} as const;

/** A planned run is discarded and a running one canceled: the status table knows. */
function wayToEnd(run: RunSummary): 'cancel' | 'discard' | undefined {
  if (canCancel(run.status) && run.isCancelable) return 'cancel';
  return canDiscard(run.status) && run.isDiscardable ? 'discard' : undefined;
}
