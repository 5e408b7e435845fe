import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteVariable, type Variable, type VariableOwner } from '../../api-client/variables.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Failure } from '../answers/failure.tsx';
import { useServices } from '../session/services.tsx';
import { shownValue } from './shown-value.ts';
import { VariableDialog } from './variable-dialog.tsx';
import css from './variable-table.module.css';
import { type PlacedVariable, wordsOfOrigin } from './winning-variables.ts';

/** `owner`: whose variables can be changed here; those of other places, such as a set, are changed there. */
export function VariableTable(props: {
  label: string;
  placed: readonly PlacedVariable[];
  owner: VariableOwner;
  canEdit: boolean;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [editing, setEditing] = useState<Variable>();
  const [deleting, setDeleting] = useState<Variable>();
  const place = 'organization' in props.owner ? 'organization' : 'workspace';
  const removing = useMutation({
    mutationFn: (id: string) => deleteVariable(api, props.owner, id),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['variables'] }),
    onSettled: () => setDeleting(undefined),
  });
  const columns: readonly Column<PlacedVariable>[] = [
    {
      head: 'Key',
      place: 'title',
      cell: ({ variable, standing }) => (
        <>
          <code className={css['key']} data-standing={standing}>
            {variable.key}
          </code>
          {variable.description !== '' && <div className={css['note']}>{variable.description}</div>}
        </>
      ),
    },
    { head: 'Value', cell: ({ variable }) => <Value variable={variable} /> },
    {
      head: 'Kind',
      cell: ({ variable }) => (variable.category === 'env' ? 'env' : variable.isHcl ? 'terraform, HCL' : 'terraform'),
    },
    ...(place === 'workspace' ? [standingColumn] : []),
    { head: 'Changed', cell: ({ variable }) => <RelativeTime at={variable.updatedAt} /> },
    ...(props.canEdit
      ? [
          {
            head: 'Actions',
            place: 'end' as const,
            cell: ({ variable, origin }: PlacedVariable) =>
              origin.kind === place && (
                <span className={css['buttons']}>
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`${variable.isSensitive ? 'Replace' : 'Change'} ${variable.key}`}
                    onClick={() => setEditing(variable)}
                  >
                    {variable.isSensitive ? 'Replace' : 'Change'}
                  </Button>
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Delete ${variable.key}`}
                    onClick={() => setDeleting(variable)}
                  >
                    Delete
                  </Button>
                </span>
              ),
          },
        ]
      : []),
  ];
  return (
    <>
      <Failure error={removing.error} />
      <DataTable label={props.label} columns={columns} rows={props.placed} rowKey={({ variable }) => variable.id} />
      {editing !== undefined && (
        <VariableDialog owner={props.owner} variable={editing} onClose={() => setEditing(undefined)} />
      )}
      {deleting !== undefined && (
        <ConfirmDialog
          title={`Delete the variable ${deleting.key}`}
          action="Delete variable"
          keep="Keep it"
          isDestructive
          isBusy={removing.isPending}
          onConfirm={() => removing.mutate(deleting.id)}
          onClose={() => setDeleting(undefined)}
        >
          <p>
            Its value is gone with it. Runs that are queued already keep what they were queued with only in their plan.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Value({ variable }: { variable: Variable }) {
  const { text, isValue } = shownValue(variable);
  return isValue ? <code className={css['value']}>{text}</code> : <span className={css['note']}>{text}</span>;
}

const standingColumn: Column<PlacedVariable> = {
  head: 'From',
  cell: ({ origin, standing, against }) => {
    const where = origin.kind === 'workspace' ? 'this environment' : wordsOfOrigin(origin).replace(/^the /, '');
    if (against === undefined || standing === 'holds') return where;
    if (standing === 'overrides') return `${where}, over ${wordsOfOrigin(against)}`;
    return `${where}, overridden ${against.kind === 'workspace' ? 'here' : `by ${wordsOfOrigin(against)}`}`;
  },
};
