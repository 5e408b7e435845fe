import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Environment, lockEnvironment, unlockEnvironment } from '../../api-client/environments.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useMembers } from '../members/use-members.ts';
import { useSession } from '../session/current-session.tsx';
import { useServices } from '../session/services.tsx';

/** Locks an environment with a reason: nothing starts in it until it is unlocked. */
export function LockButton({ environment }: { environment: Environment }) {
  const { api } = useServices();
  const showNew = useShowNew();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const locking = useMutation({
    mutationFn: () => lockEnvironment(api, environment.id, reason),
    onSuccess: (locked) => {
      showNew(locked);
      setAsking(false);
    },
  });
  if (environment.lock !== undefined) return null;
  return (
    <>
      <Button variant="default" size="sm" onClick={() => setAsking(true)}>
        Lock
      </Button>
      {isAsking && (
        <FormDialog
          title={`Lock ${environment.name}`}
          action="Lock"
          keep="Leave it open"
          isBusy={locking.isPending}
          onSubmit={() => locking.mutate()}
          onClose={() => setAsking(false)}
        >
          <Failure error={locking.error} />
          <p>New runs wait until it is unlocked. A run that holds the environment has to end first.</p>
          <TextInput
            label="Reason"
            description="Everybody reads it here."
            value={reason}
            autoComplete="off"
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </FormDialog>
      )}
    </>
  );
}

/** Who locked it and why; with the way out for who has one. */
export function LockNotice({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const { api } = useServices();
  const { who } = useSession();
  const showNew = useShowNew();
  const members = useMembers(environment.organization);
  const [isAsking, setAsking] = useState(false);
  const isMine = environment.lock?.userId === who.userId;
  const unlocking = useMutation({
    mutationFn: () => unlockEnvironment(api, environment.id, { force: !isMine }),
    onSuccess: showNew,
    onSettled: () => setAsking(false),
  });
  if (environment.lock === undefined) return null;
  const { userId, reason } = environment.lock;
  const name = members.data?.find((member) => member.userId === userId)?.username ?? 'somebody';
  return (
    <>
      <Notice
        tone="need"
        title={`Locked by ${isMine ? 'you' : name}`}
        action={
          (isMine || isOwner) && (
            <Button
              variant="default"
              size="xs"
              loading={unlocking.isPending}
              onClick={() => (isMine ? unlocking.mutate() : setAsking(true))}
            >
              Unlock
            </Button>
          )
        }
      >
        {reason !== '' && <>“{reason}” </>}
        Nothing starts here until it is unlocked.
        {!isMine && !isOwner && ` ${name} or an owner can unlock it.`}
      </Notice>
      <Failure error={unlocking.error} />
      {isAsking && (
        <ConfirmDialog
          title={`Unlock ${environment.name}, which ${name} locked`}
          action="Unlock"
          keep="Keep it locked"
          isBusy={unlocking.isPending}
          onConfirm={() => unlocking.mutate()}
          onClose={() => setAsking(false)}
        >
          {reason !== '' && <p>{`${name} gave the reason: “${reason}”`}</p>}
          <p>Runs that wait begin at once.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function useShowNew(): (environment: Environment) => void {
  const queries = useQueryClient();
  return (environment) => {
    queries.setQueryData([...queryKeys.environment(environment.name), environment.organization], environment);
    void queries.invalidateQueries({ queryKey: queryKeys.environments(environment.organization) });
  };
}
