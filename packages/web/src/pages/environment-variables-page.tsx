import { EnvironmentVariables } from '../features/variables/variable-sections.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';

/** Which value wins: the environment's own, that of a variable set, or its organization's. */
export function EnvironmentVariablesPage() {
  return (
    <EnvironmentFrame title="Variables">
      {(environment, isOwner) => <EnvironmentVariables environment={environment} isOwner={isOwner} />}
    </EnvironmentFrame>
  );
}
