import { NativeSelect, PasswordInput, Radio, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { inviteMember, type MemberRole, memberRoles } from '../../api-client/members.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { fieldFailure } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** The api refuses a shorter one. */
const minPasswordLength = 10;

/** Adds somebody who has an account, or makes the account with a first password. */
export function InviteDialog({ organization, onClose }: { organization: string; onClose(): void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<MemberRole>('member');
  const [isNew, setNew] = useState(false);
  const [password, setPassword] = useState('');
  const inviting = useMutation({
    // The password is kept no longer than the request.
    gcTime: 0,
    mutationFn: () => inviteMember(api, organization, { username, role, password: isNew ? password : undefined }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.members(organization) });
      onClose();
    },
  });
  const failures = {
    username: fieldFailure(inviting.error, 'username'),
    password: fieldFailure(inviting.error, 'password'),
  };
  return (
    <FormDialog
      title={`Add a member to ${organization}`}
      action="Add member"
      isBusy={inviting.isPending}
      isOff={username === '' || (isNew && password.length < minPasswordLength)}
      onSubmit={() => inviting.mutate()}
      onClose={onClose}
    >
      {failures.username === undefined && failures.password === undefined && <Failure error={inviting.error} />}
      <TextInput
        label="User name"
        value={username}
        error={failures.username}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setUsername(event.currentTarget.value.trim())}
      />
      <NativeSelect
        label="Role"
        value={role}
        data={[...memberRoles]}
        onChange={({ currentTarget }) =>
          setRole(memberRoles.find((known) => known === currentTarget.value) ?? 'member')
        }
      />
      <Radio.Group label="Account" value={isNew ? 'new' : 'known'} onChange={(value) => setNew(value === 'new')}>
        <Radio mt="xs" value="known" label="They have one here" />
        <Radio mt="xs" value="new" label="Make one with a first password" />
      </Radio.Group>
      {isNew && (
        <PasswordInput
          label="First password"
          description={`At least ${minPasswordLength} characters. Tell it to them; they change it under API tokens and account.`}
          value={password}
          error={failures.password}
          autoComplete="new-password"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
