import { needsMfa } from '@gatehouse/shared/mfa-level';
import { canConfirm, isActive, isSaved, isTerminal, phaseAwaitingMfa } from '@gatehouse/shared/run-status';
import type { Environment } from '../../api-client/environments.ts';
import { isExtending } from '../../api-client/mfa.ts';
import type { RunSummary } from '../../api-client/run.ts';
import { challengeOf } from '../run/badge-of-run.ts';

/** An environment with the run that says how it stands: the one that holds it, else a saved plan, else the next, else the last. */
export type EnvironmentStanding = { environment: Environment; run: RunSummary | undefined; waitingRuns: number };

/** Those that need a person first, then what works, then what failed; by name among equals. */
export function standingsOf(
  environments: readonly Environment[],
  openRuns: readonly RunSummary[],
  pastRuns: readonly RunSummary[],
): EnvironmentStanding[] {
  const standings = environments.map((environment) => {
    const open = openRuns.filter(({ workspaceId }) => workspaceId === environment.id);
    const run =
      open.find((candidate) => needsPerson(candidate) && isActive(candidate.status)) ??
      open.find(({ status }) => isActive(status)) ??
      open.find(needsPerson) ??
      open.at(-1) ??
      pastRuns.find(({ workspaceId }) => workspaceId === environment.id);
    return {
      environment,
      run,
      waitingRuns: open.filter(({ id, status }) => id !== run?.id && !isSaved(status)).length,
    };
  });
  return standings.sort((one, other) => {
    const difference = urgency(one.run) - urgency(other.run);
    return difference !== 0 ? difference : one.environment.name.localeCompare(other.environment.name);
  });
}

/** A code or a decision is awaited, so the run goes on, or on to its end, only when somebody acts. */
export function needsPerson({ status, mfa }: Pick<RunSummary, 'status' | 'mfa'>): boolean {
  const isAwaited = phaseAwaitingMfa(status) !== undefined || canConfirm(status) || isExtending(mfa);
  return isAwaited && challengeOf(mfa) !== 'exchanging';
}

/** Whether it is a code that is awaited, rather than a decision alone. */
export function needsCode(run: Pick<RunSummary, 'status' | 'level' | 'mfa'>): boolean {
  return needsPerson(run) && (!canConfirm(run.status) || needsMfa(run.level, 'apply'));
}

function urgency(run: RunSummary | undefined): number {
  if (run === undefined) return 4;
  if (needsPerson(run)) return 0;
  if (!isTerminal(run.status)) return 1;
  return run.status === 'errored' ? 2 : 3;
}
