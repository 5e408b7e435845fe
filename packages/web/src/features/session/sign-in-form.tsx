import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../../api-client/api-error.ts';
import { type SignedIn, signIn } from '../../api-client/session.ts';
import { useServices } from './services.tsx';
import css from './sign-in-form.module.css';

/** User name and password. `username` is given where somebody signs in again. */
export function SignInForm(props: { username?: string; autoFocus?: boolean; onSignedIn(who: SignedIn): void }) {
  const { api } = useServices();
  const [username, setUsername] = useState(props.username ?? '');
  const [password, setPassword] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const sending = useMutation({
    // The password is kept no longer than the request.
    gcTime: 0,
    mutationFn: (credentials: { username: string; password: string }) => signIn(api, credentials),
    onSuccess: props.onSignedIn,
    onSettled: () => setPassword(''),
    onError: () => field.current?.focus(),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!sending.isPending && username !== '' && password !== '') sending.mutate({ username, password });
  };
  return (
    <form className={css['form']} onSubmit={onSubmit}>
      {sending.isError && <SignInFailure error={sending.error} />}
      <TextInput
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus={props.autoFocus || undefined}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        ref={field}
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      <Button type="submit" loading={sending.isPending}>
        Sign in
      </Button>
      <p className={css['note']}>This is not the AWS code. It comes later.</p>
    </form>
  );
}

function SignInFailure({ error }: { error: Error }) {
  const isWrongPair = error instanceof ApiError && error.code === 'unauthorized';
  return (
    <div className={css['alert']} role="alert">
      <strong>{isWrongPair ? 'User name and password do not belong together' : titleOf(error)}</strong>
      {isWrongPair ? 'Check both and type the password again.' : detailOf(error)}
    </div>
  );
}

function titleOf(error: Error): string {
  return error instanceof ApiError ? error.title : 'Signing in failed';
}

function detailOf(error: Error): string {
  return error instanceof ApiError ? error.detail : 'Load the page anew and try again.';
}
