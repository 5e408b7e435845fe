import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changePassword } from '../../api-client/account.ts';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Failure } from '../answers/failure.tsx';
import { fieldFailure } from '../answers/failure-words.ts';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import css from './password-form.module.css';

/** The api refuses a shorter one. */
const minLength = 10;

export function PasswordForm() {
  const { api } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const saving = useMutation({
    // Passwords are kept no longer than the request.
    gcTime: 0,
    mutationFn: (passwords: { current: string; next: string }) => changePassword(api, passwords),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      void queries.invalidateQueries({ queryKey: queryKeys.signIns() });
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!saving.isPending && current !== '' && next.length >= minLength) saving.mutate({ current, next });
  };
  const failures = {
    current: fieldFailure(saving.error, 'current_password'),
    next: fieldFailure(saving.error, 'password'),
  };
  return (
    <Section title="Password" note="Changing it ends your other sign-ins. API tokens stay.">
      <form className={css['form']} onSubmit={onSubmit}>
        <input autoComplete="username" defaultValue={who.username} readOnly hidden />
        <PasswordInput
          label="Current password"
          value={current}
          error={failures.current}
          autoComplete="current-password"
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description={`At least ${minLength} characters.`}
          value={next}
          error={failures.next}
          autoComplete="new-password"
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {failures.current === undefined && failures.next === undefined && <Failure error={saving.error} />}
        {saving.isSuccess && (
          <Notice tone="ok" role="status">
            The password is changed.
          </Notice>
        )}
        <Button type="submit" loading={saving.isPending} disabled={current === '' || next.length < minLength}>
          Change password
        </Button>
      </form>
    </Section>
  );
}
