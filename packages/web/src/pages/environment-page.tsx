import { EnvironmentRuns } from '../features/environments/environment-runs.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';

/** What holds the environment now, what is next, what happened. */
export function EnvironmentPage() {
  return (
    <EnvironmentFrame title="Runs">{(environment) => <EnvironmentRuns environment={environment} />}</EnvironmentFrame>
  );
}
