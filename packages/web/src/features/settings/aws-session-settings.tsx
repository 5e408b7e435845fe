import { needsMfa } from '@gatehouse/shared/mfa-level';
import type { Phase } from '@gatehouse/shared/run-status';
import { NativeSelect } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type AwsSession, readAwsSession } from '../../api-client/aws-session.ts';
import { credentialDeliveries, type EnvironmentSettings } from '../../api-client/environments.ts';
import { fieldFailure } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import { RoleSettings } from './role-settings.tsx';
import { RoleTrustNote } from './role-trust-note.tsx';
import { SessionForecasts } from './session-forecast.tsx';
import { SessionLengthField } from './session-length-field.tsx';
import css from './settings-form.module.css';

const deliveryLabels = {
  endpoint: 'by a local endpoint, which terraform asks (keys never stand in its environment)',
  environment: 'as environment variables (for providers that know nothing else)',
} as const;

/** What a code opens: with which role, for how long, and how terraform gets it. */
export function AwsSessionSettings(props: {
  environmentId: string;
  fields: EnvironmentSettings;
  isOff: boolean;
  failure: unknown;
  onChange(changes: Partial<EnvironmentSettings>): void;
}) {
  const { fields, isOff, failure, onChange } = props;
  const { api } = useServices();
  const session = useQuery({
    queryKey: queryKeys.awsSession(props.environmentId),
    queryFn: ({ signal }) => readAwsSession(api, props.environmentId, signal),
  });
  const wanting = wantingWords(session.data);
  return (
    <details className={css['more']}>
      <summary>
        AWS session
        {wanting !== undefined && <span className={css['wanting']}>{wanting}</span>}
      </summary>
      <div className={css['fields']}>
        <RoleSettings fields={fields} isOff={isOff} failure={failure} onChange={onChange} />
        {fields.roleArn !== undefined && session.data?.trust !== undefined && (
          <RoleTrustNote trust={session.data.trust} />
        )}
        <SessionLengthField
          seconds={fields.sessionDurationSeconds}
          hasRole={fields.roleArn !== undefined}
          roleMaxSeconds={fields.roleMaxSessionSeconds}
          isOff={isOff}
          failure={fieldFailure(failure, 'session-duration-seconds')}
          onChange={(sessionDurationSeconds) => onChange({ sessionDurationSeconds })}
        />
        <Forecast session={session} fields={fields} />
        <NativeSelect
          label="Terraform gets the session"
          description="A session that is delivered as variables cannot be extended while terraform runs."
          value={fields.delivery}
          disabled={isOff}
          data={credentialDeliveries.map((value) => ({ value, label: deliveryLabels[value] }))}
          onChange={({ currentTarget }) => {
            const delivery = credentialDeliveries.find((known) => known === currentTarget.value);
            if (delivery !== undefined) onChange({ delivery });
          }}
        />
      </div>
    </details>
  );
}

/** It is beside the fields that it is about: no answer is no reason to take them away. */
function Forecast({ session, fields }: { session: UseQueryResult<AwsSession>; fields: EnvironmentSettings }) {
  if (session.data !== undefined) {
    const isExtendable = (phase: Phase) => fields.delivery === 'endpoint' && needsMfa(fields.mfaLevel, phase);
    return (
      <SessionForecasts
        forecasts={session.data}
        hasRole={fields.roleArn !== undefined}
        isExtendable={{ plan: isExtendable('plan'), apply: isExtendable('apply') }}
      />
    );
  }
  return session.isError ? <p>How long earlier runs took could not be read. Load the page anew to see it.</p> : null;
}

/** What is worth opening the fold for. */
function wantingWords(session: AwsSession | undefined): string | undefined {
  if (session === undefined) return undefined;
  if (!session.plan.isEnough || !session.apply.isEnough) return 'a session would be too short';
  return (session.trust?.missing.length ?? 0) > 0 ? "the role's trust policy lacks something" : undefined;
}
