import { Button, NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type AuditFilter, type AuditRecord, listAuditRecords } from '../../api-client/audit-records.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { clockTime, exactTime } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Paging } from '../../components/paging.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import { actionWords, textOfDetail, wordsOfAction, wordsOfDetail } from './action-words.ts';
import css from './audit-log.module.css';

const pageSize = 50;

/** Who did what, newest first; the filter and the page are the address's, so that a finding can be passed on. */
export function AuditLog(props: {
  organization: string;
  filter: AuditFilter;
  page: number;
  onFilter(filter: AuditFilter): void;
  onPage(page: number): void;
}) {
  const { organization, filter, page } = props;
  const { api } = useServices();
  const records = useQuery({
    queryKey: [...queryKeys.audit(organization), filter.action, filter.actor, filter.run, page],
    queryFn: ({ signal }) => listAuditRecords(api, organization, filter, { number: page, size: pageSize }, signal),
    placeholderData: keepPreviousData,
  });
  const isFiltered = Object.values(filter).some((word) => word !== '');
  return (
    <Section title={`Audit of ${organization}`} note="Kept with every change; nothing here can be edited.">
      <Filter key={JSON.stringify(filter)} filter={filter} onFilter={props.onFilter} />
      <Answered query={records} what="the records">
        {({ records: list, totalCount }) =>
          list.length === 0 ? (
            <EmptyPanel title={isFiltered ? 'No record is like that.' : 'Nothing has happened here yet.'} />
          ) : (
            <>
              <DataTable label="Audit records" columns={columns} rows={list} rowKey={({ id }) => id} isCompact />
              <Paging
                what="records"
                number={page}
                size={pageSize}
                totalCount={totalCount}
                isBusy={records.isPlaceholderData}
                onGo={props.onPage}
              />
            </>
          )
        }
      </Answered>
    </Section>
  );
}

function Filter({ filter, onFilter }: { filter: AuditFilter; onFilter(filter: AuditFilter): void }) {
  const [draft, setDraft] = useState(filter);
  const isFiltered = Object.values(filter).some((word) => word !== '');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onFilter({ ...draft, actor: draft.actor.trim(), run: draft.run.trim() });
  };
  return (
    <form className={css['filter']} onSubmit={onSubmit} aria-label="Filter">
      <NativeSelect
        label="What"
        value={draft.action}
        data={[
          { value: '', label: 'Everything' },
          ...Object.entries(actionWords).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(event) => {
          const action = event.currentTarget.value;
          setDraft({ ...draft, action });
          onFilter({ ...draft, action });
        }}
      />
      <TextInput
        label="Who"
        placeholder="User name"
        value={draft.actor}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setDraft({ ...draft, actor: event.currentTarget.value })}
      />
      <TextInput
        label="Run"
        placeholder="run-…"
        value={draft.run}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setDraft({ ...draft, run: event.currentTarget.value })}
      />
      <Button type="submit" variant="default">
        Filter
      </Button>
      {isFiltered && (
        <Button variant="subtle" onClick={() => onFilter({ action: '', actor: '', run: '' })}>
          Show everything
        </Button>
      )}
    </form>
  );
}

const columns: readonly Column<AuditRecord>[] = [
  {
    head: 'What',
    place: 'title',
    cell: ({ action }) => <span title={action}>{wordsOfAction(action)}</span>,
  },
  { head: 'Who', cell: ({ actor }) => actor },
  {
    head: 'When',
    cell: ({ at }) => (
      <time className={css['time']} dateTime={new Date(at).toISOString()} title={exactTime(at)}>
        {new Date(at).toLocaleDateString()} {clockTime(at, true)}
      </time>
    ),
  },
  {
    head: 'Of',
    cell: ({ targetType, targetId, details }) => (
      <code className={css['target']} title={`${targetType} ${targetId}`}>
        {targetName(targetId, details)}
      </code>
    ),
  },
  {
    head: 'Details',
    cell: ({ details }) => {
      const entries = Object.entries(details).filter(([name, value]) => value !== null && !isName(name));
      if (entries.length === 0) return null;
      return (
        <dl className={css['details']}>
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt>{wordsOfDetail(name)}</dt>
              <dd>{textOfDetail(name, value)}</dd>
            </div>
          ))}
        </dl>
      );
    },
  },
];

/** The details that name what was acted on; they stand in a column of their own. */
const names = ['workspace', 'key', 'username', 'name'] as const;

function isName(name: string): boolean {
  return names.some((known) => known === name);
}

function targetName(targetId: string, details: AuditRecord['details']): string {
  const named = names.map((name) => details[name]).find((value) => typeof value === 'string');
  return typeof named === 'string' ? named : targetId;
}
