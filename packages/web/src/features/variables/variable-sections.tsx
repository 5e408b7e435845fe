import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Environment } from '../../api-client/environments.ts';
import { EmptyPanel } from '../../components/empty-panel.tsx';
import { Section } from '../../components/section.tsx';
import { Answered } from '../answers/answered.tsx';
import { neededVariables } from '../environments/needed-variables.tsx';
import { OwnersNote } from '../settings/settings-form.tsx';
import { AwsChecklist } from './aws-checklist.tsx';
import { OverridesFold } from './overrides-fold.tsx';
import { useEnvironmentVariables, useOrganizationVariables } from './use-variables.ts';
import { VariableDialog } from './variable-dialog.tsx';
import { VariableTable } from './variable-table.tsx';
import { placedVariables } from './winning-variables.ts';

/** Which value wins: the environment's own, or its organization's. */
export function EnvironmentVariables({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const { own, organizations } = useEnvironmentVariables(environment);
  const [adding, setAdding] = useState<string>();
  const owner = { environmentId: environment.id };
  return (
    <Section
      title="Variables"
      note="The environment's own win over the organization's."
      actions={isOwner && <AddButton onAdd={() => setAdding('')} />}
    >
      <Answered query={own} what="the variables">
        {(ownVariables) => (
          <Answered query={organizations} what="the organization's variables">
            {(shared) => {
              const placed = placedVariables(ownVariables, shared);
              return (
                <>
                  <AwsChecklist
                    needed={neededVariables(ownVariables, shared)}
                    onSet={isOwner ? setAdding : undefined}
                  />
                  {placed.length === 0 ? (
                    <EmptyPanel title="No variable is set, neither here nor for the organization." />
                  ) : (
                    <VariableTable label="Variables" placed={placed} owner={owner} canEdit={isOwner} />
                  )}
                </>
              );
            }}
          </Answered>
        )}
      </Answered>
      {!isOwner && <OwnersNote organization={environment.organization} />}
      {adding !== undefined && <VariableDialog owner={owner} variable={adding} onClose={() => setAdding(undefined)} />}
    </Section>
  );
}

/** What every environment of an organization gets, unless it has its own. */
export function OrganizationVariables({ organization, isOwner }: { organization: string; isOwner: boolean }) {
  const variables = useOrganizationVariables(organization);
  const [adding, setAdding] = useState<string>();
  const owner = { organization };
  return (
    <Section
      title={`Variables of ${organization}`}
      note="Every environment gets them, unless it has its own of the same name."
      actions={isOwner && <AddButton onAdd={() => setAdding('')} />}
    >
      <Answered query={variables} what="the variables">
        {(shared) => (
          <>
            <AwsChecklist needed={neededVariables([], shared)} onSet={isOwner ? setAdding : undefined} />
            {shared.length === 0 ? (
              <EmptyPanel title="No variable is set for the organization." />
            ) : (
              <VariableTable
                label={`Variables of ${organization}`}
                placed={placedVariables([], shared)}
                owner={owner}
                canEdit={isOwner}
              />
            )}
            {shared.length > 0 && <OverridesFold organization={organization} shared={shared} />}
          </>
        )}
      </Answered>
      {!isOwner && <OwnersNote organization={organization} />}
      {adding !== undefined && <VariableDialog owner={owner} variable={adding} onClose={() => setAdding(undefined)} />}
    </Section>
  );
}

function AddButton({ onAdd }: { onAdd(): void }) {
  return (
    <Button size="sm" onClick={onAdd}>
      Add variable
    </Button>
  );
}
