import type { Phase } from '@gatehouse/shared/run-status';
import { type CSSProperties, memo, type ReactNode } from 'react';
import { type Hit, hitsBetween } from './find-in-log.ts';
import { formatLineRange, type LineRange } from './line-range.ts';
import type { LogBuffer } from './log-buffer.ts';
import { LogRow } from './log-row.tsx';
import css from './log-view.module.css';

export type LogGroupProps = {
  buffer: LogBuffer;
  phase: Phase;
  first: number;
  last: number;
  byGatehouse: boolean;
  hits: readonly Hit[];
  currentHit: Hit | undefined;
  chosen: LineRange | undefined;
  /** Changes when the content of this group may have: the buffer's version for the last group, else 0. */
  version: number;
};

const noHits: readonly Hit[] = [];

/** Up to 200 rows that the browser lays out, or skips, as one (`content-visibility`). */
export const LogGroup = memo(function LogGroup(props: LogGroupProps) {
  const { buffer, phase, first, last, byGatehouse, currentHit, chosen } = props;
  const hits = hitsBetween(props.hits, first, last);
  // The style sheet reserves the height of the rows while they are skipped.
  const rowCount: CSSProperties & Record<'--rows', number> = { '--rows': last - first + 1 };
  const rows: ReactNode[] = [];
  for (let line = first; line <= last; line++) {
    const own = hits.length === 0 ? noHits : hitsBetween(hits, line, line);
    rows.push(
      <LogRow
        key={line}
        line={line}
        coloured={buffer.coloured(line)}
        href={formatLineRange({ phase, first: line, last: line })}
        hits={own}
        currentHit={currentHit?.line === line ? own.indexOf(currentHit) : undefined}
        isChosen={chosen?.phase === phase && chosen.first <= line && line <= chosen.last}
        byGatehouse={byGatehouse}
      />,
    );
  }
  return (
    <div className={css['group']} style={rowCount}>
      {rows}
    </div>
  );
}, isSameGroup);

function isSameGroup(before: LogGroupProps, after: LogGroupProps): boolean {
  return (
    before.first === after.first &&
    before.last === after.last &&
    before.buffer === after.buffer &&
    before.version === after.version &&
    before.phase === after.phase &&
    before.byGatehouse === after.byGatehouse &&
    before.hits === after.hits &&
    before.chosen === after.chosen &&
    touches(before) === touches(after)
  );
}

/** The current hit, if it is in this group: only then does moving it draw the group again. */
function touches({ currentHit, first, last }: LogGroupProps): Hit | undefined {
  return currentHit !== undefined && first <= currentHit.line && currentHit.line <= last ? currentHit : undefined;
}
