import { Link } from 'react-router';
import { EmptyState } from '../components/empty-state.tsx';
import { PageTitle } from '../components/page-title.tsx';

/** One page for what is not there and for what one may not see: the api tells neither from the other. */
export function NotFoundPage() {
  return (
    <>
      <PageTitle parts={['Not found']} />
      <h1>Nothing here, or not for you</h1>
      <EmptyState
        title="This address leads to nothing that you may see."
        body="Check it, or ask an owner of the organization to make you a member."
        action={<Link to="/">What waits for me</Link>}
      />
    </>
  );
}
