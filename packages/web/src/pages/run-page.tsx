import { useParams } from 'react-router';
import { isApiError } from '../api-client/api-error.ts';
import { Answered } from '../features/answers/answered.tsx';
import { RunView } from '../features/run/run-view.tsx';
import { useRun } from '../features/run/use-run.ts';
import { NotFoundPage } from './not-found-page.tsx';

/** `/app/:organization/:workspace/runs/:id`, which terraform prints: what is this run doing, does it need me? */
export function RunPage() {
  const { runId = '' } = useParams();
  const run = useRun(runId);
  if (run.data === undefined && isApiError(run.error, 'not_found')) return <NotFoundPage />;
  return (
    <Answered query={run} what="the run">
      {(data) => <RunView key={data.id} run={data} />}
    </Answered>
  );
}
