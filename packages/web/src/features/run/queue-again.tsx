import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Run } from '../../api-client/run.ts';
import { queueRun } from '../../api-client/run-actions.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { pathTo } from '../../components/paths.ts';
import { Failure } from '../answers/failure.tsx';
import { useServices } from '../session/services.tsx';

/** A new run of the same configuration and options. Nothing of the old one is run again. */
export function QueueAgain({ run }: { run: Run }) {
  const { api } = useServices();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const queuing = useMutation({
    mutationFn: (confirmName: string | undefined) =>
      queueRun(api, {
        workspaceId: run.workspaceId,
        configurationVersionId: run.configurationVersionId,
        message: run.message,
        options: run.options,
        confirmName,
      }),
    onSuccess: (runId) => {
      setAsking(false);
      return navigate(pathTo('run', { organization: run.organization, workspace: run.environment, runId }));
    },
  });
  return (
    <>
      <Button
        variant="default"
        loading={queuing.isPending}
        onClick={() => (run.options.isDestroy ? setAsking(true) : queuing.mutate(undefined))}
      >
        Queue it again
      </Button>
      {!isAsking && <Failure error={queuing.error} />}
      {isAsking && (
        <ConfirmDialog
          title={`Queue a destroy of ${run.environment} again?`}
          action="Queue the destroy"
          keep="Leave it"
          isDestructive
          nameToType={run.environment}
          isBusy={queuing.isPending}
          onConfirm={(name) => queuing.mutate(name)}
          onClose={() => setAsking(false)}
        >
          It plans to destroy everything in this environment, and asks again before it does.
          <Failure error={queuing.error} />
        </ConfirmDialog>
      )}
    </>
  );
}
