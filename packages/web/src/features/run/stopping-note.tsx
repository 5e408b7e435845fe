import { runningPhase } from '@gatehouse/shared/run-status';
import type { Run } from '../../api-client/run.ts';
import { useNow } from '../../components/clock.tsx';
import { clockTime, durationWords } from '../../components/duration-words.ts';
import { Notice } from '../../components/notice.tsx';

/** Between a cancel and the end of terraform. */
export function StoppingNote({ run }: { run: Run }) {
  const now = useNow(1000);
  const { cancelRequestedAt, forceCancelAvailableAt } = run;
  if (cancelRequestedAt === undefined || runningPhase(run.status) === undefined) return null;
  const left = (forceCancelAvailableAt ?? now) - now;
  return (
    <Notice tone="info" title={`Canceled at ${clockTime(cancelRequestedAt, true)}; terraform is stopping`}>
      It finishes what it is at first.
      {run.mayForceCancel && left > 0 && ` If it hangs, Force cancel comes in ${durationWords(left)}.`}
    </Notice>
  );
}
