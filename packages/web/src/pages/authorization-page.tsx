import { readAuthorizationRequest } from '@gatehouse/shared/terraform-login';
import { Link, useSearchParams } from 'react-router';
import { EmptyState } from '../components/empty-state.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { AllowTerraform } from '../features/account/allow-terraform.tsx';
import { pathTo } from './paths.ts';

/** `/oauth/authorization`, which `terraform login` opens: may terraform act as me? */
export function AuthorizationPage({
  leaveTo = (address) => window.location.assign(address),
}: {
  leaveTo?: (address: string) => void;
}) {
  const [search] = useSearchParams();
  const request = requestIn(search);
  return (
    <>
      <PageTitle parts={['terraform login']} />
      <PageHeader title={'problem' in request ? 'Nothing to allow here' : 'Terraform asks to act as you'} />
      {'problem' in request ? (
        <EmptyState
          title="This is not what terraform login asks."
          body={`${request.problem} Nothing was allowed. Start terraform login again, or make a token by hand.`}
          action={<Link to={`${pathTo('tokens')}?source=terraform-login`}>Make a token by hand</Link>}
        />
      ) : (
        <AllowTerraform request={request} leaveTo={leaveTo} />
      )}
    </>
  );
}

function requestIn(search: URLSearchParams) {
  const twice = [...search.keys()].find((name) => search.getAll(name).length > 1);
  if (twice !== undefined) return { problem: `${twice.slice(0, 100)} is given twice.` };
  const given = (name: string) => search.get(name) ?? undefined;
  return readAuthorizationRequest({
    clientId: given('client_id'),
    responseType: given('response_type'),
    redirectUri: given('redirect_uri'),
    codeChallenge: given('code_challenge'),
    codeChallengeMethod: given('code_challenge_method'),
    state: given('state'),
  });
}
