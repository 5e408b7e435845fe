import { useNavigate } from 'react-router';
import { MemberIdentities } from '../features/aws-identities/member-identities.tsx';
import { MemberList } from '../features/members/member-list.tsx';
import { OrganizationFrame } from './organization-frame.tsx';

/** `/settings/members?organization=`: who belongs to it, and as what. */
export function MembersPage() {
  const navigate = useNavigate();
  return (
    <OrganizationFrame title="Members">
      {({ name, isOwner }) => (
        <>
          <MemberList key={name} organization={name} isOwner={isOwner} onLeft={() => void navigate('/')} />
          {isOwner && <MemberIdentities organization={name} />}
        </>
      )}
    </OrganizationFrame>
  );
}
