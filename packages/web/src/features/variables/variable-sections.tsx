import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Environment } from '../../api-client/environments.ts';
import type { Variable } from '../../api-client/variables.ts';
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
import { placedVariables, type SetVariables } from './winning-variables.ts';

/** Which value wins: the environment's own, that of a set, or its organization's. */
export function EnvironmentVariables({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const { own, sets, organizations } = useEnvironmentVariables(environment);
  const [adding, setAdding] = useState<string>();
  const owner = { environmentId: environment.id };
  return (
    <Section
      title="Variables"
      note="The environment's own win over those of variable sets, and these over the organization's. A priority set wins over all."
      actions={isOwner && <AddButton onAdd={() => setAdding('')} />}
    >
      <Answered query={own} what="the variables">
        {(ownVariables) => (
          <Answered query={organizations} what="the organization's variables">
            {(shared) => (
              <Answered query={sets} what="the variable sets">
                {(ofSets) => {
                  const variables = { own: ownVariables, organizations: shared, sets: ofSets };
                  const placed = placedVariables(variables);
                  return (
                    <>
                      <AwsChecklist
                        needed={neededVariables(variables)}
                        accepted={environment.acceptedIdentities}
                        onSet={isOwner ? setAdding : undefined}
                      />
                      {placed.length === 0 ? (
                        <EmptyPanel title="No variable is set, neither here, nor in a set, nor for the organization." />
                      ) : (
                        <VariableTable label="Variables" placed={placed} owner={owner} canEdit={isOwner} />
                      )}
                    </>
                  );
                }}
              </Answered>
            )}
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
            <AwsChecklist
              needed={neededVariables(onlyShared(shared))}
              accepted={undefined}
              onSet={isOwner ? setAdding : undefined}
            />
            {shared.length === 0 ? (
              <EmptyPanel title="No variable is set for the organization." />
            ) : (
              <VariableTable
                label={`Variables of ${organization}`}
                placed={placedVariables(onlyShared(shared))}
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

function onlyShared(organizations: readonly Variable[]): SetVariables {
  return { own: [], organizations, sets: [] };
}

function AddButton({ onAdd }: { onAdd(): void }) {
  return (
    <Button size="sm" onClick={onAdd}>
      Add variable
    </Button>
  );
}
