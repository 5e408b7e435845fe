import { OrganizationVariables } from '../features/variables/variable-sections.tsx';
import { OrganizationFrame } from './organization-frame.tsx';

/** `/settings/organization_variables?organization=`: are the three AWS variables set? */
export function OrganizationVariablesPage() {
  return (
    <OrganizationFrame title="Variables">
      {({ name, isOwner }) => <OrganizationVariables key={name} organization={name} isOwner={isOwner} />}
    </OrganizationFrame>
  );
}
