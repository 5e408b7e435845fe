import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Organization } from '../api-client/organizations.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { TabLinks } from '../components/tab-links.tsx';
import { useSession } from '../features/session/current-session.tsx';
import { chosenOrganization } from '../features/session/last-organization.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { type PageName, pathTo } from './paths.ts';

/** The head and the tabs of an organization's settings. Without `?organization=` the one that was used last. */
export function OrganizationFrame(props: {
  title: string;
  isForOwners?: boolean;
  children(organization: Organization): ReactNode;
}) {
  const { organizations } = useSession();
  const [search] = useSearchParams();
  const named = search.get('organization');
  const organization =
    named === null
      ? chosenOrganization(organizations, undefined, window.localStorage)
      : organizations.find(({ name }) => name === named);
  if (organization === undefined) {
    return named === null ? <EmptyState title="You are a member of no organization yet." /> : <NotFoundPage />;
  }
  const path = (page: PageName) => `${pathTo(page)}?organization=${encodeURIComponent(organization.name)}`;
  return (
    <>
      <PageTitle parts={[props.title, organization.name]} />
      <PageHeader crumbs={organization.name} title="Organization settings" />
      <TabLinks
        label={`Settings of ${organization.name}`}
        tabs={[
          { to: path('organizationVariables'), words: 'Variables' },
          { to: path('members'), words: 'Members' },
          ...(organization.isOwner ? [{ to: path('audit'), words: 'Audit' }] : []),
        ]}
      />
      {props.isForOwners && !organization.isOwner ? (
        <EmptyState title="Only an owner reads this." />
      ) : (
        props.children(organization)
      )}
    </>
  );
}
