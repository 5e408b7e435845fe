import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { listOutputs, readOutput, type StateOutput } from '../../api-client/state-versions.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { failureWords } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import css from './output-list.module.css';

/** What a state puts out. A sensitive value shows only when somebody asks for it. */
export function OutputList({ stateVersionId, serial }: { stateVersionId: string; serial: number }) {
  const { api } = useServices();
  const outputs = useQuery({
    queryKey: [...queryKeys.states(stateVersionId), 'outputs'],
    queryFn: ({ signal }) => listOutputs(api, stateVersionId, signal),
  });
  return (
    <Section title="Outputs" note={`of version ${serial}`}>
      <Answered query={outputs} what="the outputs">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="This state has no outputs." />
          ) : (
            <DataTable
              label="Outputs"
              columns={[
                { head: 'Name', place: 'title', cell: ({ name }) => <code className={css['name']}>{name}</code> },
                { head: 'Value', cell: (output) => <OutputValue output={output} /> },
                { head: 'Type', cell: ({ type }) => type },
              ]}
              rows={list}
              rowKey={({ id }) => id}
            />
          )
        }
      </Answered>
    </Section>
  );
}

function OutputValue({ output }: { output: StateOutput }) {
  const { api } = useServices();
  // A mutation, since what it answers must not stay in the cache of queries.
  const showing = useMutation({ gcTime: 0, mutationFn: () => readOutput(api, output.id) });
  if (!output.isSensitive) return <code className={css['value']}>{valueText(output.value)}</code>;
  if (showing.isSuccess) {
    return (
      <span className={css['shown']}>
        <code className={css['value']}>{valueText(showing.data.value)}</code>
        <Button variant="default" size="compact-xs" onClick={() => showing.reset()}>
          Hide
        </Button>
      </span>
    );
  }
  return (
    <span className={css['shown']}>
      <span className={css['hidden']}>sensitive</span>
      <Button
        variant="default"
        size="compact-xs"
        aria-label={`Show ${output.name}`}
        loading={showing.isPending}
        onClick={() => showing.mutate()}
      >
        Show
      </Button>
      {showing.isError && <span role="alert">{failureWords(showing.error).detail}</span>}
    </span>
  );
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
