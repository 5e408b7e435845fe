import { awsVariables, type MfaLevel, mfaLevelLabels, mfaLevels } from '@gatehouse/shared/mfa-level';
import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createEnvironment, type Environment } from '../../api-client/environments.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { fieldFailure } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

export function NewEnvironmentDialog(props: {
  organization: string;
  onMade(environment: Environment): void;
  onClose(): void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [level, setLevel] = useState<MfaLevel>('never');
  const making = useMutation({
    mutationFn: () => createEnvironment(api, props.organization, { name, description, 'mfa-level': level }),
    onSuccess: (environment) => {
      void queries.invalidateQueries({ queryKey: queryKeys.environments(props.organization) });
      props.onMade(environment);
    },
  });
  const nameFailure = fieldFailure(making.error, 'name');
  return (
    <FormDialog
      title={`New environment in ${props.organization}`}
      action="Make environment"
      isBusy={making.isPending}
      isOff={name === ''}
      onSubmit={() => making.mutate()}
      onClose={props.onClose}
    >
      {nameFailure === undefined && <Failure error={making.error} />}
      <TextInput
        label="Name"
        description='Letters, digits, "-" and "_". It stands in addresses and in the cloud block of the configuration.'
        value={name}
        error={nameFailure}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value.trim())}
      />
      <TextInput
        label="Description"
        value={description}
        autoComplete="off"
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <NativeSelect
        label="AWS Multi-Factor Authentication"
        description={
          level === 'never' ? 'Runs start without a code.' : `Its runs need ${Object.values(awsVariables).join(', ')}.`
        }
        value={level}
        data={mfaLevels.map((value) => ({ value, label: mfaLevelLabels[value] }))}
        onChange={({ currentTarget }) => setLevel(mfaLevels.find((known) => known === currentTarget.value) ?? 'never')}
      />
    </FormDialog>
  );
}
