import { Switch, TextInput } from '@mantine/core';
import type { EnvironmentSettings } from '../../api-client/environments.ts';
import { fieldFailure } from '../answers/failure-words.ts';
import css from './settings-form.module.css';

const blamable = [
  'terraform-version',
  'working-directory',
  'role-arn',
  'plan-policy-arns',
  'plan-session-policy',
  'session-duration-seconds',
  'role-max-session-seconds',
  'accepted-identities',
] as const;

/** The failure of a save that stands beside its field already. */
export function isFieldBlamed(failure: unknown): boolean {
  return blamable.some((field) => fieldFailure(failure, field) !== undefined);
}

/** How terraform runs; most environments leave it as it is. `failure`: of the last save, to blame fields with. */
export function AdvancedSettings(props: {
  fields: EnvironmentSettings;
  isOff: boolean;
  failure: unknown;
  onChange(changes: Partial<EnvironmentSettings>): void;
}) {
  const { fields, isOff, failure, onChange } = props;
  return (
    <details className={css['more']}>
      <summary>Runs</summary>
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
      </div>
    </details>
  );
}
