import { isActive, isTerminal } from '@gatehouse/shared/run-status';
import { isExtending } from '../../api-client/mfa.ts';
import type { RunSummary } from '../../api-client/run.ts';
import type { FaviconState } from '../../components/favicon.tsx';
import { badgeOf, challengeOf } from './badge-of-run.ts';
import { shortRunId } from './run-name.ts';

/** What the badge is told of a run. */
export function badgeFactsOf(run: RunSummary) {
  return {
    status: run.status,
    level: run.level,
    challenge: challengeOf(run.mfa),
    isExtending: isExtending(run.mfa),
    reason: run.endReason,
    behind: run.behindRunId === undefined ? undefined : shortRunId(run.behindRunId),
  };
}

/** The first word of the tab's title: `Code needed`, `Refused`, `Planning`. */
export function tabWords(run: RunSummary): string {
  const { words, icon } = badgeOf(badgeFactsOf(run));
  if (icon === 'lock-x') return 'Refused';
  return icon === 'lock' ? 'Code needed' : words;
}

/** The tab's icon while the run's page is open; undefined: nothing of its own. */
export function tabSign(run: RunSummary, username: string): FaviconState | undefined {
  const { icon, family } = badgeOf(badgeFactsOf(run));
  if (icon === 'lock-x') return 'refused';
  if (family === 'need') return run.mfa === undefined || run.mayAuthenticate.includes(username) ? 'waits' : undefined;
  return isActive(run.status) && !isTerminal(run.status) ? 'works' : undefined;
}
