import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { endSignIn, listSignIns, type SignIn } from '../../api-client/account.ts';
import { DataTable } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** Where I am signed in on the page. The one that asks is signed out in the account menu. */
export function SignInList() {
  const { api } = useServices();
  const queries = useQueryClient();
  const signIns = useQuery({ queryKey: queryKeys.signIns(), queryFn: ({ signal }) => listSignIns(api, signal) });
  const ending = useMutation({
    mutationFn: (id: string) => endSignIn(api, id),
    onSettled: () => void queries.invalidateQueries({ queryKey: queryKeys.signIns() }),
  });
  return (
    <Section title="Where you are signed in">
      <Failure error={ending.error} />
      <Answered query={signIns} what="your sign-ins">
        {(list) => (
          <DataTable<SignIn>
            label="Sign-ins"
            columns={[
              {
                head: 'Signed in',
                place: 'title',
                cell: ({ createdAt, isCurrent }) => (
                  <>
                    <RelativeTime at={createdAt} />
                    {isCurrent && ' (this one)'}
                  </>
                ),
              },
              { head: 'Last used', cell: ({ lastUsedAt }) => <RelativeTime at={lastUsedAt} /> },
              {
                head: 'Actions',
                place: 'end',
                cell: ({ id, isCurrent }) =>
                  !isCurrent && (
                    <Button variant="default" size="xs" loading={ending.isPending} onClick={() => ending.mutate(id)}>
                      End
                    </Button>
                  ),
              },
            ]}
            rows={list}
            rowKey={({ id }) => id}
          />
        )}
      </Answered>
    </Section>
  );
}
