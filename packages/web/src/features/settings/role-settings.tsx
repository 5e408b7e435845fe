import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { EnvironmentSettings } from '../../api-client/environments.ts';
import { durationWords } from '../../components/duration-words.ts';
import { fieldFailure } from '../answers/failure-words.ts';
import { PlanPoliciesField } from './plan-policies-field.tsx';

/** The role that runs assume, and what of it a plan may use. */
export function RoleSettings(props: {
  fields: EnvironmentSettings;
  isOff: boolean;
  failure: unknown;
  onChange(changes: Partial<EnvironmentSettings>): void;
}) {
  const { fields, isOff, failure, onChange } = props;
  const longest = fields.roleMaxSessionSeconds;
  return (
    <>
      <TextInput
        label="Role ARN"
        description="Runs assume this role with the code. Empty: a session of the access keys themselves."
        placeholder="arn:aws:iam::123456789012:role/terraform"
        value={fields.roleArn ?? ''}
        disabled={isOff}
        error={fieldFailure(failure, 'role-arn')}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? withoutRole : { roleArn: currentTarget.value })
        }
      />
      {fields.roleArn !== undefined && (
        <>
          <NativeSelect
            label="Role's longest session"
            description="As it is set at the role in IAM (MaxSessionDuration). AWS refuses a longer session, so none is asked for."
            value={String(longest ?? '')}
            disabled={isOff}
            error={fieldFailure(failure, 'role-max-session-seconds')}
            data={[
              { value: '', label: '1 h 00 min, as AWS sets it for a new role' },
              ...longestWith(longest).map((seconds) => ({
                value: String(seconds),
                label: durationWords(seconds * 1000),
              })),
            ]}
            onChange={({ currentTarget }) =>
              onChange({ roleMaxSessionSeconds: currentTarget.value === '' ? undefined : Number(currentTarget.value) })
            }
          />
          <PlanPoliciesField
            arns={fields.planPolicyArns}
            hasSessionPolicy={fields.planSessionPolicy !== undefined}
            isOff={isOff}
            failure={fieldFailure(failure, 'plan-policy-arns')}
            onChange={(planPolicyArns) => onChange({ planPolicyArns })}
          />
          <Textarea
            label="Session policy of plans"
            description="JSON. A plan's session may do what this or the managed policies allow, and never more than the role. Empty: none."
            rows={6}
            value={fields.planSessionPolicy ?? ''}
            disabled={isOff}
            error={fieldFailure(failure, 'plan-session-policy')}
            onChange={({ currentTarget }) =>
              onChange({ planSessionPolicy: currentTarget.value === '' ? undefined : currentTarget.value })
            }
          />
        </>
      )}
    </>
  );
}

/** AWS takes session policies with a role only, and only a role has a longest session of its own. */
const withoutRole: Partial<EnvironmentSettings> = {
  roleArn: undefined,
  planSessionPolicy: undefined,
  planPolicyArns: undefined,
  roleMaxSessionSeconds: undefined,
};

const hour = 3600;
// AWS: a role's MaxSessionDuration is 1 to 12 hours.
const longestLengths = [2 * hour, 4 * hour, 8 * hour, 12 * hour];

/** Those to choose from, and whatever the API was given. */
function longestWith(current: number | undefined): number[] {
  return [...new Set([...longestLengths, ...(current === undefined ? [] : [current])])].sort((one, two) => one - two);
}
