import type { Phase } from '@gatehouse/shared/run-status';
import { enqueue } from '../store/outbox.ts';
import { updatePhase } from '../store/phases.ts';
import type { Run } from '../store/runs.ts';
import type { Change } from './run-core.ts';

/** Has the phase's job added, after what there is to read in its log. */
export function queuePhase(change: Change, run: Run, phase: Phase, logLines: readonly string[] = []): void {
  const { transaction, at } = change;
  updatePhase(transaction, run.id, phase, { queuedAt: at });
  const to = { runId: run.id, at };
  // Whoever appends opens the log, too.
  if (logLines.length === 0) enqueue(transaction, to, { kind: 'open-log', phase });
  else enqueue(transaction, to, { kind: 'append-log', phase, lines: [...logLines], once: `${phase}.queued` });
  enqueue(transaction, to, { kind: 'queue-phase', phase });
}
