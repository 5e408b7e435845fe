import { type MfaLevel, mfaLevelLabels, mfaLevels } from '@gatehouse/shared/mfa-level';
import type { RunSummary } from '../../api-client/run.ts';

/** M4: a run keeps the level that it was queued with. */
export function KeptLevelNote({ selected, openRuns }: { selected: MfaLevel; openRuns: readonly RunSummary[] }) {
  return <p data-testid="kept-levels">{keptLevelWords(selected, openRuns)}</p>;
}

export function keptLevelWords(selected: MfaLevel, openRuns: readonly Pick<RunSummary, 'level'>[]): string {
  const kept = mfaLevels
    .filter((level) => level !== selected)
    .map((level) => [level, openRuns.filter((run) => run.level === level).length] as const)
    .filter(([, count]) => count > 0)
    .map(([level, count]) => ` ${count} open ${count === 1 ? 'run keeps' : 'runs keep'} “${mfaLevelLabels[level]}”.`);
  return `Applies to runs queued after you save.${kept.join('')}`;
}
