import { EnvironmentRuns } from '../features/environments/environment-runs.tsx';
import { StartRun } from '../features/start-run/start-run.tsx';
import { EnvironmentFrame } from './environment-frame.tsx';

/** What holds the environment now, what is next, what happened. */
export function EnvironmentPage() {
  return (
    <EnvironmentFrame
      title="Runs"
      actions={({ organization, name, id }) => (
        <StartRun place={{ organization, environment: name, environmentId: id }} />
      )}
    >
      {(environment) => <EnvironmentRuns environment={environment} />}
    </EnvironmentFrame>
  );
}
