import { StateList } from '../features/states/state-list.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';

/** Which state is current, and which run wrote it. */
export function EnvironmentStatesPage() {
  return (
    <EnvironmentFrame title="States">
      {(environment, isOwner) => <StateList environment={environment} isOwner={isOwner} />}
    </EnvironmentFrame>
  );
}
