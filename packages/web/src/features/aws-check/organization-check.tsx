import { Section } from '../../components/section.tsx';
import { SetupCheckPanel } from './setup-check.tsx';
import { useSetupCheck } from './use-setup-check.ts';

/** Of the organization's own keys and device, for its owners. */
export function OrganizationCheck({ organization }: { organization: string }) {
  const check = useSetupCheck({ organization, identity: 'organization', environmentId: undefined });
  return (
    <Section title="AWS set-up" note="Of the organization's keys and MFA device. Changes nothing in AWS.">
      <SetupCheckPanel check={check} hasRole={false} />
    </Section>
  );
}
