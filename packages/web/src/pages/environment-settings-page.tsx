import { useNavigate } from 'react-router';
import { EnvironmentCheck } from '../features/aws-check/environment-check.tsx';
import { DeleteEnvironment } from '../features/environments/delete-environment.tsx';
import { SettingsForm } from '../features/settings/settings-form.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';
import { pathTo } from './paths.ts';

/** Which level of codes an environment has, what that means, and the rest that an owner decides. */
export function EnvironmentSettingsPage() {
  const navigate = useNavigate();
  return (
    <EnvironmentFrame title="Settings">
      {(environment, isOwner) => (
        <>
          <SettingsForm key={environment.id} environment={environment} isOwner={isOwner} />
          <EnvironmentCheck key={`check ${environment.id}`} environment={environment} isOwner={isOwner} />
          {isOwner && (
            <DeleteEnvironment
              environment={environment}
              onDeleted={() =>
                void navigate(pathTo('environments', { organization: environment.organization }), { replace: true })
              }
            />
          )}
        </>
      )}
    </EnvironmentFrame>
  );
}
