import { useLocation, useSearchParams } from 'react-router';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { PasswordForm } from '../features/account/password-form.tsx';
import { SignInList } from '../features/account/sign-in-list.tsx';
import { TokenList } from '../features/account/token-list.tsx';
import { useSession } from '../features/session/current-session.tsx';
import { pathTo } from './paths.ts';

/** `/app/settings/tokens`, and `/oauth/authorization`, which `terraform login` opens: what belongs to me alone. */
export function AccountPage() {
  const { who } = useSession();
  const { pathname } = useLocation();
  const [search] = useSearchParams();
  const isForTerraform = pathname === pathTo('authorization') || search.get('source') === 'terraform-login';
  return (
    <>
      <PageTitle parts={['API tokens and account']} />
      <PageHeader crumbs={who.username} title="API tokens and account" />
      <TokenList isForTerraform={isForTerraform} />
      <SignInList />
      <PasswordForm />
    </>
  );
}
