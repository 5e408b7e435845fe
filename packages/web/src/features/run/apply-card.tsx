import { lazy, type ReactNode, Suspense } from 'react';
import { useLocation } from 'react-router';
import type { Run } from '../../api-client/run.ts';
import { LoadingState } from '../../components/loading-state.tsx';
import { parseLineRange } from '../log/line-range.ts';
import type { Gate } from './gate-of-run.ts';
import { PhaseCard } from './phase-card.tsx';
import type { RunStep } from './run-steps.ts';

const PhaseLogCard = lazy(() => import('./phase-log.tsx').then((file) => ({ default: file.PhaseLogCard })));

export type ApplyCardProps = { run: Run; gate: Gate; step: RunStep | undefined; panel?: ReactNode };

/** What the apply does, or did. */
export function ApplyCard({ run, gate, step, panel }: ApplyCardProps) {
  const { hash } = useLocation();
  return (
    <PhaseCard
      run={run}
      phase="apply"
      step={step}
      isOpenAtFirst
      isLockElsewhere={gate.kind !== 'none' && gate.kind !== 'decision' && gate.phase === 'apply'}
      panel={panel}
    >
      <Suspense fallback={<LoadingState what="the log" />}>
        <PhaseLogCard
          key={run.id}
          runId={run.id}
          phase="apply"
          hasFailed={run.status === 'errored'}
          isStructured={run.hasStructuredLog}
          chosen={parseLineRange(hash)}
        />
      </Suspense>
    </PhaseCard>
  );
}
