import { type AcceptedIdentities, acceptedIdentities } from '@gatehouse/shared/mfa-level';
import { NativeSelect } from '@mantine/core';
import { Notice } from '../../components/notice.tsx';
import css from './settings-form.module.css';

const words: Record<AcceptedIdentities, { label: string; meaning: string }> = {
  organization: {
    label: "the organization's",
    meaning: 'Everybody answers with the one device of the organization, and CloudTrail names its IAM user.',
  },
  members: {
    label: "members' own",
    meaning:
      'Who answers needs an AWS identity of their own, registered under API tokens and account. CloudTrail and the audit log name the same person.',
  },
  both: {
    label: 'both',
    meaning:
      "Who has registered an AWS identity answers with it, and may choose the organization's; everybody else answers with the organization's.",
  },
};

/** Whose keys and MFA device open the sessions of an environment, and what that means for it. */
export function AcceptedIdentitiesField(props: {
  value: AcceptedIdentities;
  hasRole: boolean;
  isOff: boolean;
  failure: string | undefined;
  onChange(value: AcceptedIdentities): void;
}) {
  const { value } = props;
  return (
    <>
      <NativeSelect
        className={css['level'] ?? ''}
        label="Accepted AWS identities"
        description={words[value].meaning}
        value={value}
        disabled={props.isOff}
        error={props.failure}
        data={acceptedIdentities.map((known) => ({ value: known, label: words[known].label }))}
        onChange={({ currentTarget }) => {
          const chosen = acceptedIdentities.find((known) => known === currentTarget.value);
          if (chosen !== undefined) props.onChange(chosen);
        }}
      />
      {value !== 'organization' && !props.hasRole && (
        <Notice tone="need" title="Terraform has the rights of whoever answers.">
          Without a role, a session is that of the person's own IAM user: the same run may do more or less, depending on
          who enters the code. With a role ARN, below, everybody's runs have the same rights.
        </Notice>
      )}
    </>
  );
}
