import { useSearchParams } from 'react-router';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { PasswordForm } from '../features/account/password-form.tsx';
import { SignInList } from '../features/account/sign-in-list.tsx';
import { TokenList } from '../features/account/token-list.tsx';
import { MyIdentities } from '../features/aws-identities/my-identities.tsx';
import { useSession } from '../features/session/current-session.tsx';

/**
 * `/app/settings/tokens`: what belongs to me alone. With `?source=terraform-login` terraform waits for a token that is
 * made by hand: it opens this address where it was not told of a way to log in.
 */
export function AccountPage() {
  const { who } = useSession();
  const [search] = useSearchParams();
  const isForTerraform = search.get('source') === 'terraform-login';
  return (
    <>
      <PageTitle parts={['API tokens and account']} />
      <PageHeader crumbs={who.username} title="API tokens and account" />
      <TokenList isForTerraform={isForTerraform} />
      <MyIdentities />
      <SignInList />
      <PasswordForm />
    </>
  );
}
