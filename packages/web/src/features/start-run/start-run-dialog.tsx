import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { isApiError } from '../../api-client/api-error.ts';
import { queueRun } from '../../api-client/run-actions.ts';
import { uploadConfiguration } from '../../api-client/upload-configuration.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { pathTo } from '../../components/paths.ts';
import { Failure } from '../answers/failure.tsx';
import { useServices } from '../session/services.tsx';
import { kindWords, optionsOf, type RunKind, runKinds } from './run-kinds.ts';
import css from './start-run.module.css';

/** Where the run is to be queued. */
export type RunPlace = { organization: string; environment: string; environmentId: string };

type Source = 'last' | 'upload';

/** What to queue: which configuration, to do what. What destroys asks for the environment's name. */
export function StartRunDialog({ place, onClose }: { place: RunPlace; onClose(): void }) {
  const services = useServices();
  const navigate = useNavigate();
  const [source, setSource] = useState<Source>('last');
  const [file, setFile] = useState<File | undefined>(undefined);
  const [kind, setKind] = useState<RunKind>('plan-and-apply');
  const [message, setMessage] = useState('');
  const [typedName, setTypedName] = useState('');
  const nameField = useId();
  const fileField = useId();
  const isDestroy = kind === 'destroy';
  const isOff = (source === 'upload' && file === undefined) || (isDestroy && typedName !== place.environment);

  const queuing = useMutation({
    mutationFn: async () => {
      const archive = source === 'upload' ? file : undefined;
      const configurationVersionId =
        archive === undefined
          ? undefined
          : await uploadConfiguration(services, place.environmentId, archive, { isSpeculative: kind === 'plan-only' });
      return queueRun(services.api, {
        workspaceId: place.environmentId,
        configurationVersionId,
        message: message.trim(),
        options: optionsOf(kind),
        confirmName: isDestroy ? typedName : undefined,
      });
    },
    onSuccess: (runId) => {
      onClose();
      return navigate(pathTo('run', { organization: place.organization, workspace: place.environment, runId }));
    },
  });

  return (
    <FormDialog
      title={`Queue a run in ${place.environment}`}
      action={isDestroy ? 'Queue the destroy' : 'Queue the run'}
      isBusy={queuing.isPending}
      isOff={isOff}
      onSubmit={() => queuing.mutate()}
      onClose={onClose}
    >
      <fieldset className={css['choices']}>
        <legend>Configuration</legend>
        <label className={css['choice']}>
          <input type="radio" name="source" checked={source === 'last'} onChange={() => setSource('last')} />
          The last one that was uploaded
        </label>
        <label className={css['choice']}>
          <input type="radio" name="source" checked={source === 'upload'} onChange={() => setSource('upload')} />
          Upload a tar.gz
        </label>
        {source === 'upload' && (
          <div className={css['file']}>
            <label htmlFor={fileField}>Archive of the folder that holds the .tf files</label>
            <input
              id={fileField}
              type="file"
              accept=".tar.gz,.tgz,application/gzip"
              onChange={(event) => setFile(event.currentTarget.files?.[0])}
            />
          </div>
        )}
      </fieldset>
      <fieldset className={css['choices']}>
        <legend>What it does</legend>
        {runKinds.map((candidate) => (
          <label key={candidate} className={css['choice']}>
            <input
              type="radio"
              name="kind"
              checked={kind === candidate}
              aria-describedby={kind === candidate ? `${nameField}-effect` : undefined}
              onChange={() => setKind(candidate)}
            />
            {kindWords[candidate].title}
          </label>
        ))}
        <p id={`${nameField}-effect`} className={css['effect']} data-destroys={isDestroy || undefined}>
          {kindWords[kind].effect}
        </p>
      </fieldset>
      <TextInput
        label="Message"
        description="What people see of it in lists. Nothing secret."
        value={message}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => setMessage(event.currentTarget.value)}
      />
      {isDestroy && (
        <TextInput
          id={nameField}
          label={
            <>
              Type <code>{place.environment}</code>
            </>
          }
          value={typedName}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-testid="confirm-name"
          onChange={(event) => setTypedName(event.currentTarget.value)}
        />
      )}
      <Failure error={queuing.error} />
      {isApiError(queuing.error, 'aws_variable_missing') && (
        <p>
          <Link to={pathTo('variables', { organization: place.organization, environment: place.environment })}>
            Set it for this environment
          </Link>{' '}
          or{' '}
          <Link to={`${pathTo('organizationVariables')}?organization=${encodeURIComponent(place.organization)}`}>
            for the organization
          </Link>
          , then queue again.
        </p>
      )}
    </FormDialog>
  );
}
