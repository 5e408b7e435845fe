import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { credentialDeliveries, type EnvironmentSettings } from '../../api-client/environments.ts';
import { durationWords } from '../../components/duration-words.ts';
import { fieldFailure } from '../answers/failure-words.ts';
import css from './settings-form.module.css';

const deliveryLabels = {
  endpoint: 'by a local endpoint, which terraform asks (keys never stand in its environment)',
  environment: 'as environment variables (for providers that know nothing else)',
} as const;

const blamable = [
  'terraform-version',
  'working-directory',
  'role-arn',
  'plan-session-policy',
  'session-duration-seconds',
] as const;

/** The failure of a save that stands beside its field already. */
export function isFieldBlamed(failure: unknown): boolean {
  return blamable.some((field) => fieldFailure(failure, field) !== undefined);
}

/** Everything but the level; most environments leave it as it is. `failure`: of the last save, to blame fields with. */
export function AdvancedSettings(props: {
  fields: EnvironmentSettings;
  isOff: boolean;
  failure: unknown;
  onChange(changes: Partial<EnvironmentSettings>): void;
}) {
  const { fields, isOff, failure, onChange } = props;
  const roleFailure = fieldFailure(failure, 'role-arn');
  const hasRole = fields.roleArn !== undefined;
  return (
    <details className={css['more']}>
      <summary>Runs and AWS session</summary>
      <div className={css['fields']}>
        <TextInput
          label="Description"
          value={fields.description}
          disabled={isOff}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
        <Switch
          label="Apply without a decision"
          description="A plan with changes goes on to its apply by itself. Where the apply needs a code, it still waits for one."
          checked={fields.autoApply}
          disabled={isOff}
          onChange={(event) => onChange({ autoApply: event.currentTarget.checked })}
        />
        <Switch
          label="Structured output"
          description="Terraform logs JSON lines, from which its command line on a laptop draws the plan itself. This page shows them as text."
          checked={fields.structuredOutput}
          disabled={isOff}
          onChange={(event) => onChange({ structuredOutput: event.currentTarget.checked })}
        />
        <TextInput
          label="Terraform or OpenTofu version"
          description='A version (1.11.4), a constraint (~> 1.9.0 or >= 1.5, < 1.8), or "latest" for what the worker has. For OpenTofu with "tofu-" in front: tofu-1.9.0, tofu-latest.'
          value={fields.terraformVersion}
          disabled={isOff}
          error={fieldFailure(failure, 'terraform-version')}
          onChange={(event) => onChange({ terraformVersion: event.currentTarget.value })}
        />
        <TextInput
          label="Working directory"
          description="Inside the configuration; empty for its root."
          value={fields.workingDirectory}
          disabled={isOff}
          error={fieldFailure(failure, 'working-directory')}
          onChange={(event) => onChange({ workingDirectory: event.currentTarget.value })}
        />
        <TextInput
          label="Role ARN"
          description="Runs assume this role with the code. Empty: a session of the access keys themselves."
          placeholder="arn:aws:iam::123456789012:role/terraform"
          value={fields.roleArn ?? ''}
          disabled={isOff}
          error={roleFailure}
          onChange={(event) => {
            const roleArn = event.currentTarget.value === '' ? undefined : event.currentTarget.value;
            // AWS takes a session policy with a role only.
            onChange(roleArn === undefined ? { roleArn, planSessionPolicy: undefined } : { roleArn });
          }}
        />
        {hasRole && (
          <Textarea
            label="Session policy of plans"
            description="JSON. A plan's session may do no more than this; empty: all that the role may."
            rows={6}
            value={fields.planSessionPolicy ?? ''}
            disabled={isOff}
            error={fieldFailure(failure, 'plan-session-policy')}
            onChange={(event) =>
              onChange({ planSessionPolicy: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
            }
          />
        )}
        <NativeSelect
          label="Session duration"
          description={`AWS gives 15 minutes to ${hasRole ? '12 hours to a role' : '36 hours'}. An apply that outlasts its session fails midway.`}
          value={String(fields.sessionDurationSeconds)}
          disabled={isOff}
          error={fieldFailure(failure, 'session-duration-seconds')}
          data={durationsWith(fields.sessionDurationSeconds, hasRole).map((seconds) => ({
            value: String(seconds),
            label: durationWords(seconds * 1000),
          }))}
          onChange={({ currentTarget }) => onChange({ sessionDurationSeconds: Number(currentTarget.value) })}
        />
        <NativeSelect
          label="Terraform gets the session"
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

const hour = 3600;
// AWS: AssumeRole gives at most 12 hours, GetSessionToken 36.
const durations = [hour / 4, hour / 2, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour, 36 * hour];

/** Those to choose from, and whatever the API was given. */
function durationsWith(current: number, hasRole: boolean): number[] {
  const offered = durations.filter((seconds) => !hasRole || seconds <= 12 * hour);
  return [...new Set([...offered, current])].sort((one, other) => one - other);
}
