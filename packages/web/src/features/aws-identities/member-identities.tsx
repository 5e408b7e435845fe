import { useQuery } from '@tanstack/react-query';
import { listMemberIdentities, type MemberIdentity } from '../../api-client/aws-identities.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';
import { identityColumns } from './identity-columns.tsx';

const columns: readonly Column<MemberIdentity>[] = [
  { head: 'Name', place: 'title', cell: ({ username }) => username },
  ...identityColumns,
];

/** Who of an organization answers codes as an AWS user of their own; for its owners. */
export function MemberIdentities({ organization }: { organization: string }) {
  const { api } = useServices();
  const identities = useQuery({
    queryKey: queryKeys.memberIdentities(organization),
    queryFn: ({ signal }) => listMemberIdentities(api, organization, signal),
  });
  return (
    <Section
      title="AWS identities of members"
      note="Each registers their own, under API tokens and account. Their keys are sealed; nobody reads them."
    >
      <Answered query={identities} what="the AWS identities">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="No member has registered one." />
          ) : (
            <DataTable label="AWS identities of members" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </Answered>
    </Section>
  );
}
