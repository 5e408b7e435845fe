import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiToken, listTokens, revokeToken } from '../../api-client/account.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { exactTime } from '../../components/duration-words.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Notice } from '../../components/notice.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { NewTokenDialog } from './new-token-dialog.tsx';
import css from './token-list.module.css';

/** My API tokens. A new one is shown once, and kept by nobody but the reader. */
export function TokenList({ isForTerraform }: { isForTerraform: boolean }) {
  const { api } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const [isMaking, setMaking] = useState(isForTerraform);
  const [revoking, setRevoking] = useState<ApiToken>();
  const [made, setMade] = useState<{ token: ApiToken; secret: string }>();
  const tokens = useQuery({
    queryKey: queryKeys.tokens(),
    queryFn: ({ signal }) => listTokens(api, who.userId, signal),
  });
  const ending = useMutation({
    mutationFn: (token: ApiToken) => revokeToken(api, token.id),
    onSuccess: (_, { id }) => {
      if (made?.token.id === id) setMade(undefined);
      void queries.invalidateQueries({ queryKey: queryKeys.tokens() });
    },
    onSettled: () => setRevoking(undefined),
  });
  const columns: readonly Column<ApiToken>[] = [
    { head: 'Description', place: 'title', cell: ({ description }) => description || 'No description' },
    { head: 'Made', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    {
      head: 'Last used',
      cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : <RelativeTime at={lastUsedAt} />),
    },
    {
      head: 'Expires',
      cell: ({ expiresAt }) =>
        expiresAt === undefined ? (
          'never'
        ) : (
          <time dateTime={new Date(expiresAt).toISOString()} title={exactTime(expiresAt)}>
            {new Date(expiresAt).toLocaleDateString()}
          </time>
        ),
    },
    {
      head: 'Actions',
      place: 'end',
      cell: (token) => (
        <Button
          variant="default"
          size="xs"
          aria-label={`Revoke ${token.description}`}
          onClick={() => setRevoking(token)}
        >
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <Section
      title="API tokens"
      note="For the terraform CLI and scripts. Whoever has one can do what you can, but a code is asked all the same."
      actions={
        <Button size="sm" onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      {isForTerraform && made === undefined && (
        <Notice tone="info" title="terraform login waits for a token">
          Make a new one, copy it, and paste it into the terminal.
        </Notice>
      )}
      {made !== undefined && (
        <Notice tone="ok" title={`The token “${made.token.description}”, shown this one time`} role="status">
          <p>
            {isForTerraform
              ? 'Copy it and paste it into the terminal, where terraform login waits for it.'
              : 'Copy it now. Nobody can show it again, Gatehouse keeps only its hash.'}
          </p>
          <div className={css['secret']}>
            <code data-testid="new-token" className={css['token']}>
              {made.secret}
            </code>
            <CopyButton text={made.secret} what="token" />
            <Button variant="default" onClick={() => setMade(undefined)}>
              I have it
            </Button>
          </div>
        </Notice>
      )}
      <Failure error={ending.error} />
      <Answered query={tokens} what="your tokens">
        {(list) =>
          list.length === 0 ? (
            <EmptyPanel title="You have no API token." />
          ) : (
            <DataTable label="API tokens" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </Answered>
      {isMaking && (
        <NewTokenDialog
          suggested={isForTerraform ? 'terraform login' : ''}
          onMade={(result) => {
            setMade(result);
            setMaking(false);
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {revoking !== undefined && (
        <ConfirmDialog
          title={`Revoke the token “${revoking.description}”`}
          action="Revoke token"
          keep="Keep it"
          isDestructive
          isBusy={ending.isPending}
          onConfirm={() => ending.mutate(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          <p>Whatever uses it is refused from the next request on.</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}
