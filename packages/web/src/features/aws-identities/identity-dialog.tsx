import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type AwsIdentity, registerIdentity } from '../../api-client/aws-identities.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { fieldFailure } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

const fields = ['organization', 'access-key-id', 'secret-access-key', 'mfa-serial-number'] as const;

/** Keys and device of a person. `replaced`: those that new ones are entered for. */
export function IdentityDialog(props: {
  organizations: readonly string[];
  replaced: AwsIdentity | undefined;
  onDone(): void;
  onClose(): void;
}) {
  const { replaced } = props;
  const { api } = useServices();
  const queries = useQueryClient();
  const [organization, setOrganization] = useState(replaced?.organization ?? props.organizations[0] ?? '');
  const [accessKeyId, setAccessKeyId] = useState('');
  const [secretAccessKey, setSecretAccessKey] = useState('');
  const [mfaSerial, setMfaSerial] = useState('');
  const registering = useMutation({
    // The secret is kept no longer than the request, and is no variable of the mutation, which would remember it.
    gcTime: 0,
    mutationFn: () => registerIdentity(api, { organization, accessKeyId, secretAccessKey, mfaSerial }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.awsIdentities() });
      props.onDone();
    },
    onSettled: () => setSecretAccessKey(''),
  });
  const failureOf = (field: (typeof fields)[number]) => fieldFailure(registering.error, field);
  const isBlamed = fields.some((field) => failureOf(field) !== undefined);
  return (
    <FormDialog
      title={replaced === undefined ? 'Register your AWS identity' : `New keys for ${replaced.organization}`}
      action={replaced === undefined ? 'Register' : 'Replace'}
      isBusy={registering.isPending}
      isOff={[organization, accessKeyId, secretAccessKey, mfaSerial].includes('')}
      onSubmit={() => registering.mutate()}
      onClose={props.onClose}
    >
      <p>
        The keys are stored sealed, and nobody can read them again. First they are tested by a call to AWS that changes
        nothing there.
      </p>
      {!isBlamed && <Failure error={registering.error} />}
      {replaced === undefined && (
        <NativeSelect
          label="Organization"
          description="In which you answer codes with it. One that you have registered there already is replaced."
          value={organization}
          data={[...props.organizations]}
          error={failureOf('organization')}
          onChange={(event) => setOrganization(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="Access key id"
        description="Of your IAM user, not of a role: it begins with AKIA."
        value={accessKeyId}
        error={failureOf('access-key-id')}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setAccessKeyId(event.currentTarget.value.trim())}
      />
      <PasswordInput
        label="Secret access key"
        description="Emptied here as soon as it was sent."
        value={secretAccessKey}
        error={failureOf('secret-access-key')}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setSecretAccessKey(event.currentTarget.value.trim())}
      />
      <TextInput
        label="MFA serial number"
        description="Of a device of the same user: the ARN of a virtual one, or the number printed on a hardware one. Passkeys and security keys show no codes."
        placeholder="arn:aws:iam::123456789012:mfa/alice"
        value={mfaSerial}
        error={failureOf('mfa-serial-number')}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setMfaSerial(event.currentTarget.value.trim())}
      />
    </FormDialog>
  );
}
