import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX, type TablerIcon } from '@tabler/icons-react';
import type { ProbeOutcome, ProbeResult } from '../../api-client/aws-checks.ts';
import { CopyableJson } from '../../components/copyable-json.tsx';
import css from './setup-check.module.css';

const outcomes: Record<ProbeOutcome, { word: string; icon: TablerIcon }> = {
  passed: { word: 'Passed', icon: IconCircleCheck },
  warned: { word: 'Warning', icon: IconAlertTriangle },
  failed: { word: 'Failed', icon: IconCircleX },
  skipped: { word: 'Skipped', icon: IconCircleMinus },
};

/** Each thing that was looked at: how it stands, in a word, and what to do about it. */
export function ProbeList({ results }: { results: readonly ProbeResult[] }) {
  return (
    <ul className={css['probes']} aria-label="What the check found">
      {results.map(({ probe, outcome, title, detail, policy }) => {
        const { word, icon: Icon } = outcomes[outcome];
        return (
          // A probe may find two things, as of a role; never the same one twice.
          <li key={`${probe} ${title}`} className={css['probe']} data-outcome={outcome} data-probe={probe}>
            <span className={css['outcome']}>
              <Icon size={20} aria-hidden />
              {word}
            </span>
            <div className={css['words']}>
              <strong>{title}</strong>
              {detail !== '' && <p>{detail}</p>}
              {policy !== null && <CopyableJson value={policy} what="policy" />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
