import { Section } from '../../components/section.tsx';
import { SetupCheckPanel } from './setup-check.tsx';
import { useSetupCheck } from './use-setup-check.ts';

/** Of the organization's own keys and device, for its owners. With an environment: as its runs would find them. */
export function OrganizationCheck(props: { organization: string; environment?: { id: string; name: string } }) {
  const { organization, environment } = props;
  const check = useSetupCheck({ organization, identity: 'organization', environmentId: environment?.id });
  const note =
    environment === undefined
      ? "Of the organization's keys and MFA device. Changes nothing in AWS."
      : `Of the keys, the MFA device and the role that runs of ${environment.name} use. Changes nothing in AWS.`;
  return (
    <Section title="AWS set-up" note={note}>
      <SetupCheckPanel check={check} />
    </Section>
  );
}
