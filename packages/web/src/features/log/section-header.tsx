import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import type { SectionLines } from './log-sections.ts';
import { counted } from './log-toolbar.tsx';
import css from './log-view.module.css';

const stateWords = { running: 'running', finished: '', failed: 'failed' } as const;

/** Folds one stretch of the log; says its length and how long it took. */
export function SectionHeader(props: { lines: SectionLines; isOpen: boolean; onToggle(): void }) {
  const { section, first, last } = props.lines;
  const Chevron = props.isOpen ? IconChevronDown : IconChevronRight;
  const words = [
    counted(Math.max(0, last - first + 1)),
    section.durationMs === undefined ? '' : `${(section.durationMs / 1000).toFixed(1)} s`,
    stateWords[section.state],
  ];
  return (
    <button type="button" className={css['header']} aria-expanded={props.isOpen} onClick={props.onToggle}>
      <Chevron size={16} aria-hidden />
      {section.title}
      <span className={css['headerMeta']}>{words.filter((word) => word !== '').join(' · ')}</span>
    </button>
  );
}
