import { Fragment } from 'react';
import { OrganizationCheck } from '../features/aws-check/organization-check.tsx';
import { OrganizationVariables } from '../features/variables/variable-sections.tsx';
import { OrganizationFrame } from './organization-frame.tsx';

/** `/settings/organization_variables?organization=`: are the three AWS variables set? */
export function OrganizationVariablesPage() {
  return (
    <OrganizationFrame title="Variables">
      {({ name, isOwner }) => (
        <Fragment key={name}>
          <OrganizationVariables organization={name} isOwner={isOwner} />
          {isOwner && <OrganizationCheck organization={name} />}
        </Fragment>
      )}
    </OrganizationFrame>
  );
}
