import type { Phase } from '@gatehouse/shared/run-status';
import { useNavigate } from 'react-router';
import type { StreamState } from '../../api-client/stream-state.ts';
import { LiveIndicator } from '../live/live-indicator.tsx';
import { useLive } from '../live/live-provider.tsx';
import { formatLineRange, type LineRange } from '../log/line-range.ts';
import { LogView } from '../log/log-view.tsx';
import { usePhaseLog } from './use-phase-log.ts';

const titles = { plan: 'Plan log', apply: 'Apply log' } as const satisfies Record<Phase, string>;

export type PhaseLogCardProps = {
  runId: string;
  phase: Phase;
  hasFailed: boolean;
  /** It holds terraform's JSON lines. */
  isStructured: boolean;
  /** Lines that the address names, of whichever phase. */
  chosen: LineRange | undefined;
};

/** The log of one phase, as it comes. Needs its own `key` for each run and phase. */
export function PhaseLogCard({ runId, phase, hasFailed, isStructured, chosen }: PhaseLogCardProps) {
  const navigate = useNavigate();
  const log = usePhaseLog(runId, phase, { hasFailed, isStructured });
  const page = useLive();
  const isLive = log.state.kind !== 'ended';
  const href = `/api/v2/runs/${encodeURIComponent(runId)}/logs/${phase}?format=raw`;
  return (
    <LogView
      buffer={log.buffer}
      phase={phase}
      title={titles[phase]}
      isLive={isLive}
      sections={log.sections}
      marked={log.marked}
      chosen={chosen?.phase === phase ? chosen : undefined}
      onChoose={(range) => void navigate({ search: '?view=log', hash: formatLineRange(range) }, { replace: true })}
      downloadHref={href}
      plainTextHref={href}
      {...(log.state.kind === 'connecting' ? { empty: 'Loading the log.' } : {})}
    >
      {isLive && <LiveIndicator state={lastHeard(log.state, page.state)} onTryNow={log.tryNow} />}
    </LogView>
  );
}

/** A log may be silent for long, so its connection is trusted longer: no more than the page's own, which has a heartbeat. */
function lastHeard(log: StreamState, page: StreamState): StreamState {
  const isPageLost = page.kind === 'late' || page.kind === 'reconnecting' || page.kind === 'polling';
  return log.kind === 'live' && isPageLost ? page : log;
}
