import { awsVariables } from '@gatehouse/shared/mfa-level';
import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  changeVariable,
  createVariable,
  type NewVariable,
  type Variable,
  type VariableOwner,
  variableCategories,
} from '../../api-client/variables.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { fieldFailure } from '../answers/failure-words.ts';
import { useServices } from '../session/services.tsx';
import css from './variable-dialog.module.css';

const categoryLabels = { env: 'Environment variable', terraform: 'Terraform variable' } as const;

/** `variable`: the one to change; a key: a new one of that name; undefined: a new one. */
export function VariableDialog(props: {
  owner: VariableOwner;
  variable: Variable | string | undefined;
  onClose(): void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const old = typeof props.variable === 'object' ? props.variable : undefined;
  const [fields, setFields] = useState<NewVariable>(() => fieldsOf(props.variable));
  const set = (changes: Partial<NewVariable>) => setFields((before) => ({ ...before, ...changes }));
  const isSecretKey = fields.key === awsVariables.secretAccessKey && fields.category === 'env';
  const sensitive = fields.sensitive || isSecretKey;
  const saving = useMutation({
    // The value is kept no longer than the request.
    gcTime: 0,
    mutationFn: async () => {
      const given = { ...fields, sensitive };
      if (old === undefined) await createVariable(api, props.owner, given);
      else await changeVariable(api, props.owner, old.id, changesOf(old, given));
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['variables'] });
      props.onClose();
    },
  });
  const failures = { key: fieldFailure(saving.error, 'key'), value: fieldFailure(saving.error, 'value') };
  const isBlamed = failures.key !== undefined || failures.value !== undefined;
  return (
    <FormDialog
      title={old === undefined ? 'Add variable' : old.isSensitive ? `Replace ${old.key}` : `Change ${old.key}`}
      action="Save variable"
      isBusy={saving.isPending}
      isOff={fields.key === '' || (old?.isSensitive === true && fields.value === '')}
      onSubmit={() => saving.mutate()}
      onClose={props.onClose}
    >
      {!isBlamed && <Failure error={saving.error} />}
      {old === undefined && (
        <>
          <TextInput
            label="Key"
            value={fields.key}
            error={failures.key}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => set({ key: event.currentTarget.value.trim() })}
          />
          <NativeSelect
            label="Kind"
            value={fields.category}
            data={variableCategories.map((value) => ({ value, label: categoryLabels[value] }))}
            onChange={({ currentTarget }) => {
              const category = variableCategories.find((known) => known === currentTarget.value) ?? 'env';
              set(category === 'env' ? { category, hcl: false } : { category });
            }}
          />
        </>
      )}
      <Textarea
        label={old?.isSensitive ? 'New value' : 'Value'}
        description={sensitive ? 'It is written and never shown again.' : undefined}
        value={fields.value}
        error={failures.value}
        rows={1}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        classNames={{ input: (sensitive ? css['secret'] : css['value']) ?? '' }}
        onChange={(event) => set({ value: event.currentTarget.value })}
      />
      <Checkbox
        label="Sensitive"
        description={
          isSecretKey ? 'A secret access key always is.' : 'Write-only: nobody reads it back, only runs get it.'
        }
        checked={sensitive}
        disabled={isSecretKey || old?.isSensitive === true}
        onChange={(event) => set({ sensitive: event.currentTarget.checked })}
      />
      {fields.category === 'terraform' && (
        <Checkbox
          label="HCL"
          description='The value is an expression, such as ["a", "b"].'
          checked={fields.hcl}
          onChange={(event) => set({ hcl: event.currentTarget.checked })}
        />
      )}
      <TextInput
        label="Description"
        value={fields.description}
        autoComplete="off"
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
    </FormDialog>
  );
}

function fieldsOf(variable: Variable | string | undefined): NewVariable {
  if (typeof variable !== 'object') {
    return { key: variable ?? '', value: '', category: 'env', sensitive: false, hcl: false, description: '' };
  }
  const { key, value, category, isSensitive, isHcl, description } = variable;
  return { key, value: value ?? '', category, sensitive: isSensitive, hcl: isHcl, description };
}

/** An empty field over a secret means that the secret stays. */
function changesOf(old: Variable, given: NewVariable): Partial<NewVariable> {
  const { key: _key, category: _category, value, ...rest } = given;
  return old.isSensitive && value === '' ? rest : { ...rest, value };
}
