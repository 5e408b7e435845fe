import { mfaLevelLabels, mfaLevels } from '@gatehouse/shared/mfa-level';
import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import {
  changeEnvironment,
  type Environment,
  type EnvironmentSettings,
  settingsOf,
} from '../../api-client/environments.ts';
import { listOpenRuns } from '../../api-client/run-lists.ts';
import { Notice } from '../../components/notice.tsx';
import { pathTo } from '../../components/paths.ts';
import { Failure } from '../answers/failure.tsx';
import { failureWords, fieldFailure } from '../answers/failure-words.ts';
import {
  NeededVariables,
  neededVariables,
  optionalWords,
  requiresVariables,
} from '../environments/needed-variables.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useMembers } from '../members/use-members.ts';
import { useServices } from '../session/services.tsx';
import { useEnvironmentVariables } from '../variables/use-variables.ts';
import { AcceptedIdentitiesField } from './accepted-identities-field.tsx';
import { AdvancedSettings, isFieldBlamed } from './advanced-settings.tsx';
import { AwsSessionSettings } from './aws-session-settings.tsx';
import { ChangedMeanwhile } from './changed-meanwhile.tsx';
import { useEditedFields } from './edited-fields.ts';
import { KeptLevelNote } from './kept-level-note.tsx';
import css from './settings-form.module.css';

/** The level and the rest of an environment's settings. Who is no owner reads them. */
export function SettingsForm({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const form = useEditedFields<EnvironmentSettings>(settingsOf(environment), environment.updatedAt);
  const { own, sets, organizations } = useEnvironmentVariables(environment);
  const openRuns = useQuery({
    queryKey: [...queryKeys.runs(environment.name), environment.id, 'open'],
    queryFn: ({ signal }) => listOpenRuns(api, { environmentId: environment.id }, signal),
  });
  const saving = useMutation({
    mutationFn: () => changeEnvironment(api, environment.id, form.changes),
    onSuccess: (saved) => {
      form.saved(settingsOf(saved), saved.updatedAt);
      queries.setQueryData([...queryKeys.environment(environment.name), environment.organization], saved);
      void queries.invalidateQueries({ queryKey: queryKeys.environments(environment.organization) });
      void queries.invalidateQueries({ queryKey: queryKeys.awsSession(environment.id) });
    },
  });
  const onChange = (changes: Partial<EnvironmentSettings>) => {
    if (!saving.isIdle && !saving.isPending) saving.reset();
    form.set(changes);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isOwner && form.isEdited && !saving.isPending) saving.mutate();
  };
  const needed =
    own.data === undefined || organizations.data === undefined || sets.data === undefined
      ? undefined
      : neededVariables({ own: own.data, organizations: organizations.data, sets: sets.data });
  const level = form.fields.mfaLevel;
  const accepted = form.fields.acceptedIdentities;
  const isRequired = requiresVariables(accepted);
  const isMissing = level !== 'never' && isRequired && needed?.some(({ from }) => from === undefined);
  const variablesPath = pathTo('variables', {
    organization: environment.organization,
    environment: environment.name,
  });
  return (
    <form className={css['form']} onSubmit={onSubmit}>
      {form.isOutdated && !saving.isPending && <ChangedMeanwhile environment={environment} onLoad={form.load} />}
      <NativeSelect
        className={css['level'] ?? ''}
        label="AWS Multi-Factor Authentication"
        description="Which phases start only after somebody has entered a code of the AWS MFA device."
        value={level}
        disabled={!isOwner}
        data={mfaLevels.map((value) => ({ value, label: mfaLevelLabels[value] }))}
        onChange={({ currentTarget }) => {
          const mfaLevel = mfaLevels.find((known) => known === currentTarget.value);
          if (mfaLevel !== undefined) onChange({ mfaLevel });
        }}
      />
      <Notice tone="need" title="The code is the confirmation.">
        Submitting a code for an apply starts changes to active infrastructure without a further confirmation. Whoever
        may apply here and holds the MFA device can do it. Know what this means for your infrastructure before you save.
      </Notice>
      <AcceptedIdentitiesField
        value={accepted}
        hasRole={form.fields.roleArn !== undefined}
        isOff={!isOwner}
        failure={fieldFailure(saving.error, 'accepted-identities')}
        onChange={(acceptedIdentities) => onChange({ acceptedIdentities })}
      />
      <div>
        <h2 className={css['needed']}>{isRequired ? 'Needed' : "The organization's identity"}</h2>
        {accepted !== 'organization' && <p>{optionalWords[accepted]}</p>}
        {needed !== undefined && (
          <NeededVariables
            needed={needed}
            isRequired={isRequired}
            setPath={isOwner ? `${variablesPath}#aws` : undefined}
          />
        )}
        {own.isError && <p>{failureWords(own.error).detail}</p>}
        {isMissing === true && (
          <p className={css['missing']}>Until all three are set, a run that needs a code cannot be queued.</p>
        )}
      </div>
      {openRuns.data !== undefined && <KeptLevelNote selected={level} openRuns={openRuns.data} />}
      <AwsSessionSettings
        environmentId={environment.id}
        fields={form.fields}
        isOff={!isOwner}
        failure={saving.error}
        onChange={onChange}
      />
      <AdvancedSettings fields={form.fields} isOff={!isOwner} failure={saving.error} onChange={onChange} />
      {!isFieldBlamed(saving.error) && <Failure error={saving.error} />}
      {isOwner ? (
        <div className={css['save']}>
          <Button type="submit" disabled={!form.isEdited} loading={saving.isPending}>
            Save
          </Button>
          {form.isEdited && !saving.isPending && (
            <Button variant="default" onClick={form.load}>
              Undo
            </Button>
          )}
          <span role="status">{saving.isSuccess && !form.isEdited && 'Saved.'}</span>
        </div>
      ) : (
        <OwnersNote organization={environment.organization} />
      )}
    </form>
  );
}

export function OwnersNote({ organization }: { organization: string }) {
  const members = useMembers(organization);
  const owners = members.data?.filter(({ role }) => role === 'owner').map(({ username }) => username) ?? [];
  return <p>An owner can{owners.length === 0 ? '' : `: ${owners.join(', ')}`}.</p>;
}
