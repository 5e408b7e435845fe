import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { CheckSubject } from '../../api-client/aws-checks.ts';
import type { Environment } from '../../api-client/environments.ts';
import { Section } from '../../components/section.tsx';
import { SetupCheckPanel } from './setup-check.tsx';
import { useSetupCheck } from './use-setup-check.ts';

type Whose = CheckSubject['identity'];

const labels: Record<Whose, string> = { organization: "the organization's identity", own: 'my own identity' };

/** As runs of an environment find it, with its variables and its role. Nothing where there is none that I may check. */
export function EnvironmentCheck({ environment, isOwner }: { environment: Environment; isOwner: boolean }) {
  const offered: Whose[] = [
    ...(isOwner ? (['organization'] as const) : []),
    ...(environment.acceptedIdentities === 'organization' ? [] : (['own'] as const)),
  ];
  const [chosen, setChosen] = useState<Whose>();
  const whose = offered.find((known) => known === chosen) ?? offered[0];
  if (whose === undefined) return null;
  return (
    <Section
      title="AWS set-up"
      note={`Of the keys, the MFA device and the role that runs of ${environment.name} use. Changes nothing in AWS.`}
    >
      {offered.length > 1 && <Choice whose={whose} offered={offered} onChoose={setChosen} />}
      <CheckOf key={whose} environment={environment} whose={whose} />
    </Section>
  );
}

function Choice(props: { whose: Whose; offered: readonly Whose[]; onChoose(whose: Whose | undefined): void }) {
  return (
    <NativeSelect
      maw={360}
      label="What to check"
      value={props.whose}
      data={props.offered.map((value) => ({ value, label: labels[value] }))}
      onChange={({ currentTarget }) => props.onChoose(props.offered.find((known) => known === currentTarget.value))}
    />
  );
}

function CheckOf({ environment, whose }: { environment: Environment; whose: Whose }) {
  const { organization, id, roleArn } = environment;
  const check = useSetupCheck({ organization, identity: whose, environmentId: id });
  return <SetupCheckPanel check={check} hasRole={roleArn !== undefined} />;
}
