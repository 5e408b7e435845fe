import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type AwsIdentity, listMyIdentities, removeIdentity } from '../../api-client/aws-identities.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import css from './identities.module.css';
import { identityColumns } from './identity-columns.tsx';
import { IdentityDialog } from './identity-dialog.tsx';
import { MyCheck } from './my-check.tsx';

type Wish = { kind: 'register' } | { kind: 'replace' | 'remove'; identity: AwsIdentity };

/** My own keys and MFA devices, one an organization, with which I answer codes as myself. */
export function MyIdentities() {
  const { api } = useServices();
  const { organizations } = useSession();
  const queries = useQueryClient();
  const [wish, setWish] = useState<Wish>();
  const [checking, setChecking] = useState<{ organization: string; press: number }>();
  const [hasRegistered, setRegistered] = useState(false);
  const identities = useQuery({
    queryKey: queryKeys.awsIdentities(),
    queryFn: ({ signal }) => listMyIdentities(api, signal),
  });
  const removing = useMutation({
    mutationFn: ({ id }: AwsIdentity) => removeIdentity(api, id),
    onSuccess: (_, { organization }) => {
      if (checking?.organization === organization) setChecking(undefined);
      setRegistered(false);
      void queries.invalidateQueries({ queryKey: queryKeys.awsIdentities() });
    },
    onSettled: () => setWish(undefined),
  });
  const columns: readonly Column<AwsIdentity>[] = [
    { head: 'Organization', place: 'title', cell: ({ organization }) => organization },
    ...identityColumns,
    {
      head: 'Actions',
      place: 'end',
      cell: (identity) => (
        <RowButtons
          identity={identity}
          onCheck={() =>
            setChecking((last) => ({ organization: identity.organization, press: (last?.press ?? 0) + 1 }))
          }
          onWish={(kind) => setWish({ kind, identity })}
        />
      ),
    },
  ];
  return (
    <Section
      title="Your AWS identities"
      note="With your own keys and MFA device, AWS and the audit log name you. They count where an environment accepts members' own."
      actions={
        organizations.length > 0 && (
          <Button size="sm" onClick={() => setWish({ kind: 'register' })}>
            Register
          </Button>
        )
      }
    >
      <Failure error={removing.error} />
      {hasRegistered && (
        <Notice tone="ok" role="status">
          AWS knows these keys and this device. Where an environment accepts them, you are asked for codes of your own
          device.
        </Notice>
      )}
      <Answered query={identities} what="your AWS identities">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="You have registered none. You answer codes with the organization's device." />
          ) : (
            <DataTable label="Your AWS identities" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </Answered>
      {checking !== undefined && (
        <MyCheck
          key={`${checking.organization} ${checking.press}`}
          organization={checking.organization}
          onClose={() => setChecking(undefined)}
        />
      )}
      {(wish?.kind === 'register' || wish?.kind === 'replace') && (
        <IdentityDialog
          organizations={organizations.map(({ name }) => name)}
          replaced={wish.kind === 'replace' ? wish.identity : undefined}
          onDone={() => {
            setWish(undefined);
            setRegistered(true);
          }}
          onClose={() => setWish(undefined)}
        />
      )}
      {wish?.kind === 'remove' && (
        <ConfirmDialog
          title={`Remove your AWS identity for ${wish.identity.organization}`}
          action="Remove identity"
          keep="Keep it"
          isDestructive
          isBusy={removing.isPending}
          onConfirm={() => removing.mutate(wish.identity)}
          onClose={() => setWish(undefined)}
        >
          <p>
            Gatehouse forgets the keys. You answer codes with the organization's device then, where an environment
            accepts it. At AWS the key stays until you delete it there.
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

function RowButtons(props: { identity: AwsIdentity; onCheck(): void; onWish(kind: 'replace' | 'remove'): void }) {
  const { organization } = props.identity;
  return (
    <div className={css['buttons']}>
      <Button variant="default" size="xs" aria-label={`Check ${organization}`} onClick={props.onCheck}>
        Check
      </Button>
      <Button
        variant="default"
        size="xs"
        aria-label={`Replace keys for ${organization}`}
        onClick={() => props.onWish('replace')}
      >
        Replace
      </Button>
      <Button variant="default" size="xs" aria-label={`Remove ${organization}`} onClick={() => props.onWish('remove')}>
        Remove
      </Button>
    </div>
  );
}
