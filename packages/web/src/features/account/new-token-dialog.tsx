import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiToken, createToken } from '../../api-client/account.ts';
import { useNow } from '../../components/clock.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { tokenLives, usualLife } from './token-lives.ts';

const day = 24 * 60 * 60 * 1000;

export function NewTokenDialog(props: {
  suggested: string;
  onMade(made: { token: ApiToken; secret: string }): void;
  onClose(): void;
}) {
  const { api } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const now = useNow(60_000);
  const [description, setDescription] = useState(props.suggested);
  const [days, setDays] = useState(usualLife);
  const making = useMutation({
    // Its answer holds the token, which is kept by the reader alone.
    gcTime: 0,
    mutationFn: () =>
      createToken(api, who.userId, {
        description,
        expiresAt: days === '' ? undefined : now + Number(days) * day,
      }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: queryKeys.tokens() });
      props.onMade(made);
    },
  });
  return (
    <FormDialog
      title="New API token"
      action="Make token"
      isBusy={making.isPending}
      isOff={description.trim() === ''}
      onSubmit={() => making.mutate()}
      onClose={props.onClose}
    >
      <Failure error={making.error} />
      <TextInput
        label="Description"
        description="What uses it, and where."
        value={description}
        autoComplete="off"
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <NativeSelect
        label="Expires after"
        value={days}
        data={tokenLives}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
