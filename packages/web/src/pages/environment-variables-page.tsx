import { EnvironmentVariables } from '../features/variables/variable-sections.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';

/** Which value wins: the organization's, or the environment's own. */
export function EnvironmentVariablesPage() {
  return (
    <EnvironmentFrame title="Variables">
      {(environment, isOwner) => <EnvironmentVariables environment={environment} isOwner={isOwner} />}
    </EnvironmentFrame>
  );
}
