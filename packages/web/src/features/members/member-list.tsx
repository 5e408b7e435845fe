import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeRole, type Member, type MemberRole, memberRoles, removeMember } from '../../api-client/members.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';
import { OwnersNote } from '../settings/settings-form.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import css from './member-list.module.css';
import { useMembers } from './use-members.ts';

type Wish = { kind: 'remove'; member: Member } | { kind: 'role'; member: Member; role: MemberRole };

/** Who belongs to an organization, and as what. Owners decide; everybody may leave. */
export function MemberList(props: { organization: string; isOwner: boolean; onLeft(): void }) {
  const { organization, isOwner } = props;
  const { api } = useServices();
  const { who } = useSession();
  const queries = useQueryClient();
  const members = useMembers(organization);
  const [isInviting, setInviting] = useState(false);
  const [wish, setWish] = useState<Wish>();
  const doing = useMutation({
    mutationFn: async (wanted: Wish) => {
      if (wanted.kind === 'remove') await removeMember(api, wanted.member.id);
      else await changeRole(api, wanted.member.id, wanted.role);
    },
    onSuccess: (_, { kind, member }) => {
      void queries.invalidateQueries({ queryKey: queryKeys.members(organization) });
      // My own role decides what the page offers.
      if (member.userId === who.userId) void queries.invalidateQueries({ queryKey: ['organizations'] });
      if (kind === 'remove' && member.userId === who.userId) props.onLeft();
    },
    onSettled: () => setWish(undefined),
  });
  const columns: readonly Column<Member>[] = [
    {
      head: 'Name',
      place: 'title',
      cell: ({ username, userId }) => (userId === who.userId ? `${username} (you)` : username),
    },
    {
      head: 'Role',
      cell: (member) =>
        isOwner ? (
          <NativeSelect
            aria-label={`Role of ${member.username}`}
            className={css['role'] ?? ''}
            size="sm"
            value={member.role}
            data={[...memberRoles]}
            onChange={({ currentTarget }) => {
              const role = memberRoles.find((known) => known === currentTarget.value);
              if (role !== undefined && role !== member.role) setWish({ kind: 'role', member, role });
            }}
          />
        ) : (
          member.role
        ),
    },
    { head: 'Since', cell: ({ since }) => <RelativeTime at={since} /> },
    {
      head: 'Actions',
      place: 'end',
      cell: (member) => {
        const isMe = member.userId === who.userId;
        if (!isOwner && !isMe) return null;
        return (
          <Button
            variant="default"
            size="xs"
            aria-label={isMe ? `Leave ${organization}` : `Remove ${member.username}`}
            onClick={() => setWish({ kind: 'remove', member })}
          >
            {isMe ? 'Leave' : 'Remove'}
          </Button>
        );
      },
    },
  ];
  return (
    <Section
      title={`Members of ${organization}`}
      note="Members queue runs and enter codes; owners also decide levels, variables and members."
      actions={
        isOwner && (
          <Button size="sm" onClick={() => setInviting(true)}>
            Add member
          </Button>
        )
      }
    >
      <Failure error={doing.error} />
      <Answered query={members} what="the members">
        {(list) => <DataTable label="Members" columns={columns} rows={list} rowKey={({ id }) => id} />}
      </Answered>
      {!isOwner && <OwnersNote organization={organization} />}
      {isInviting && <InviteDialog organization={organization} onClose={() => setInviting(false)} />}
      {wish !== undefined && (
        <ConfirmDialog
          {...wordsOf(wish, organization, wish.member.userId === who.userId)}
          isBusy={doing.isPending}
          onConfirm={() => doing.mutate(wish)}
          onClose={() => setWish(undefined)}
        />
      )}
    </Section>
  );
}

function wordsOf(wish: Wish, organization: string, isMe: boolean) {
  const { username } = wish.member;
  if (wish.kind === 'remove') {
    return {
      title: isMe ? `Leave ${organization}` : `Remove ${username} from ${organization}`,
      action: isMe ? `Leave ${organization}` : `Remove ${username}`,
      keep: isMe ? 'Stay' : 'Keep as member',
      isDestructive: true,
      children: (
        <p>
          {isMe ? 'You see' : `${username} sees`} nothing of {organization} any more, and pages that are open lose their
          stream within seconds. Runs that {isMe ? 'you' : 'they'} queued go on.
        </p>
      ),
    };
  }
  const isUp = wish.role === 'owner';
  return {
    title: `Make ${username} ${isUp ? 'an owner' : 'a member'} of ${organization}`,
    action: `Make ${isUp ? 'owner' : 'member'}`,
    keep: `Keep as ${wish.member.role}`,
    isDestructive: false,
    children: (
      <p>
        {isUp
          ? 'Owners set the level of codes, read and write variables, and decide who is a member.'
          : 'Members queue runs, enter codes and read; they change no settings and no variables.'}
      </p>
    ),
  };
}
