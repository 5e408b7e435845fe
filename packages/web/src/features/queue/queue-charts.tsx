import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { type Queue, type QueueRange, type QueueSlice, seriesStates } from '../../api-client/queue.ts';
import { DataTable } from '../../components/data-table.tsx';
import { clockTime } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Section } from '../../components/section.tsx';
import { EndsChart, StatesChart } from './chart-drawings.tsx';
import css from './queue-charts.module.css';
import { secondsWords, stateWords } from './queue-words.ts';

/** The last hours as pictures, each with its table. A file of its own: it is loaded when the queue is looked at. */
export function QueueCharts({ queue, range }: { queue: Queue; range: QueueRange }) {
  const timeOf = (at: number) =>
    range === 168 ? `${new Date(at).toLocaleDateString()} ${clockTime(at)}` : clockTime(at);
  const { series } = queue;
  return (
    <div className={css['charts']}>
      <Chart
        title="Open runs by state"
        picture={<StatesChart series={series} timeOf={timeOf} />}
        table={<SeriesTable series={series} timeOf={timeOf} />}
        isEmpty={series.length === 0}
      />
      <Chart
        title="Runs that ended"
        note={`${Math.round(queue['throughput-per-hour'] * 10) / 10} an hour`}
        picture={<EndsChart series={series} timeOf={timeOf} />}
        table={<EndsTable series={series} timeOf={timeOf} />}
        isEmpty={series.length === 0}
      />
      <Section title="How long it takes">
        <DataTable
          label="How long it takes"
          isCompact
          columns={[
            { head: 'What', place: 'title', cell: ({ name }) => name },
            { head: 'Half within', isNumber: true, cell: ({ value }) => secondsWords(value['p50-seconds']) },
            { head: '95 % within', isNumber: true, cell: ({ value }) => secondsWords(value['p95-seconds']) },
            { head: 'Count', isNumber: true, cell: ({ value }) => value.count },
          ]}
          rows={[
            { name: 'Ask to code', value: queue['ask-to-code'] },
            { name: 'Wait for a worker', value: queue['queue-wait'] },
            { name: 'Plan', value: queue['plan-duration'] },
            { name: 'Apply', value: queue['apply-duration'] },
          ]}
          rowKey={({ name }) => name}
        />
      </Section>
    </div>
  );
}

function Chart(props: { title: string; note?: string; picture: ReactNode; table: ReactNode; isEmpty: boolean }) {
  const [isTable, setTable] = useState(false);
  return (
    <Section
      title={props.title}
      note={props.note}
      actions={
        <Button
          variant="default"
          size="compact-sm"
          aria-pressed={isTable}
          aria-label={`${props.title}: table`}
          onClick={() => setTable(!isTable)}
        >
          Table
        </Button>
      }
    >
      {props.isEmpty ? (
        <EmptyPanel title="Nothing was counted yet." />
      ) : isTable ? (
        // Its rows scroll, so the keyboard has to reach it.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
        <section className={css['table']} tabIndex={0} aria-label={`${props.title}, table`}>
          {props.table}
        </section>
      ) : (
        props.picture
      )}
    </Section>
  );
}

type SeriesView = { series: readonly QueueSlice[]; timeOf(at: number): string };

function SeriesTable({ series, timeOf }: SeriesView) {
  return (
    <DataTable
      label="Open runs by state"
      isCompact
      columns={[
        { head: 'Until', place: 'title', cell: ({ at }: QueueSlice) => timeOf(at) },
        ...seriesStates
          .filter((state) => state !== 'done' && state !== 'failed')
          .map((state) => ({
            head: stateWords[state],
            isNumber: true,
            cell: (slice: QueueSlice) => slice.states[state],
          })),
      ]}
      rows={[...series].reverse()}
      rowKey={({ at }) => String(at)}
    />
  );
}

function EndsTable({ series, timeOf }: SeriesView) {
  return (
    <DataTable
      label="Runs that ended"
      isCompact
      columns={[
        { head: 'From', place: 'title', cell: ({ at }: QueueSlice) => timeOf(at) },
        { head: stateWords.done, isNumber: true, cell: ({ states }: QueueSlice) => states.done },
        { head: stateWords.failed, isNumber: true, cell: ({ states }: QueueSlice) => states.failed },
      ]}
      rows={[...series].reverse()}
      rowKey={({ at }) => String(at)}
    />
  );
}
