import { type AuthorizationRequest, answerAddress } from '@gatehouse/shared/terraform-login';
import { Button, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { allowTerraform } from '../../api-client/terraform-login.ts';
import { Notice } from '../../components/notice.tsx';
import { pathTo } from '../../components/paths.ts';
import { Failure } from '../answers/failure.tsx';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import css from './allow-terraform.module.css';
import { tokenLives, usualLife } from './token-lives.ts';

/** What terraform will be able to do, for how long, and the two answers. `leaveTo` gives the browser to terraform. */
export function AllowTerraform(props: { request: AuthorizationRequest; leaveTo(address: string): void }) {
  const { request, leaveTo } = props;
  const { api } = useServices();
  const { who } = useSession();
  const [days, setDays] = useState(usualLife);
  const allowing = useMutation({
    // Its answer holds the code, which is terraform's alone.
    gcTime: 0,
    mutationFn: () => allowTerraform(api, request, days === '' ? undefined : Number(days)),
    onSuccess: ({ redirectTo }) => leaveTo(redirectTo),
  });
  const isBusy = allowing.isPending || allowing.isSuccess;
  const deny = () => leaveTo(answerAddress(request.redirectUri, { error: 'access_denied', state: request.state }));
  return (
    <div className={css['panel']}>
      <p>
        You are signed in as <strong>{who.username}</strong>. Terraform on this computer will get an API token that acts
        as you: it can do what you can, such as read states, queue runs and confirm them. A code is asked all the same.
      </p>
      <Notice tone="need" title="Did you just start terraform login?">
        Allow this only if it was you, in a terminal on this computer. Somebody else who sent you here would act as you.
      </Notice>
      <Failure error={allowing.error} />
      <NativeSelect
        className={css['life'] ?? ''}
        label="The token expires after"
        value={days}
        disabled={isBusy}
        data={tokenLives}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
      <div className={css['buttons']}>
        <Button loading={isBusy} onClick={() => allowing.mutate()}>
          Allow
        </Button>
        <Button variant="default" disabled={isBusy} onClick={deny}>
          Deny
        </Button>
      </div>
      <p className={css['note']}>
        You can revoke it at any time: <Link to={pathTo('tokens')}>API tokens</Link>.
      </p>
    </div>
  );
}
