import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteEnvironment, type Environment } from '../../api-client/environments.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Section } from '../../components/section.tsx';
import { Failure } from '../answers/failure.tsx';
import { queryKeys } from '../live/query-keys.ts';
import { useServices } from '../session/services.tsx';

/** Owners only. What terraform made stays in AWS, and nobody manages it any more. */
export function DeleteEnvironment({ environment, onDeleted }: { environment: Environment; onDeleted(): void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const deleting = useMutation({
    mutationFn: (typedName: string) => deleteEnvironment(api, environment.id, typedName),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.environments(environment.organization) });
      onDeleted();
    },
    onSettled: () => setAsking(false),
  });
  const manages =
    environment.resourceCount === 0
      ? 'Its state manages no resources.'
      : `Its state manages ${environment.resourceCount} resources. They stay in AWS, and nothing here manages them any more.`;
  return (
    <Section title="Delete this environment">
      <p>{manages}</p>
      <p>
        <Button color="red" variant="outline" size="sm" onClick={() => setAsking(true)}>
          Delete {environment.name}
        </Button>
      </p>
      <Failure error={deleting.error} />
      {isAsking && (
        <ConfirmDialog
          title={`Delete ${environment.name} with its runs, variables and states`}
          action="Delete environment"
          keep="Keep it"
          isDestructive
          nameToType={environment.name}
          isBusy={deleting.isPending}
          onConfirm={(typedName) => deleting.mutate(typedName)}
          onClose={() => setAsking(false)}
        >
          <p>{manages} Nothing of this can be taken back. To destroy the resources, queue a destroy run first.</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}
