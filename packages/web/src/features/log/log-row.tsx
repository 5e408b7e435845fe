import { type CSSProperties, memo } from 'react';
import type { Hit } from './find-in-log.ts';
import { type LinePart, markOf, partsOfLine } from './line-parts.ts';
import css from './log-view.module.css';

export type LogRowProps = {
  line: number;
  coloured: string;
  href: string;
  hits: readonly Hit[];
  /** Which of `hits` is the one that the reader is at. */
  currentHit: number | undefined;
  isChosen: boolean;
  byGatehouse: boolean;
};

/** One line: its number, which is a link to it, and its text as text nodes. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { line, coloured, href, hits, currentHit, isChosen, byGatehouse } = props;
  return (
    <div className={css['row']} data-line={line} data-chosen={isChosen || undefined}>
      {/* Out of the tab order: 20,000 stops would lock the keyboard in. The number is drawn by the style sheet, so
          that it is neither copied nor found. */}
      {/* biome-ignore lint/a11y/useAnchorContent: its name is the label. */}
      <a className={css['number']} href={href} tabIndex={-1} data-number={line} aria-label={`Line ${line}`} />
      {byGatehouse && (
        <span className={css['gutter']} role="img" aria-label="Written by Gatehouse" title="Written by Gatehouse" />
      )}
      <span className={css['text']}>
        {partsOfLine(coloured, hits).map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line have no other name and never move.
          <Part key={index} part={part} isCurrent={part.hit !== undefined && part.hit === currentHit} />
        ))}
      </span>
    </div>
  );
}, isSameRow);

// Hits are cut anew for every search; a row without any before and after is the same row.
function isSameRow(before: LogRowProps, after: LogRowProps): boolean {
  return (
    before.line === after.line &&
    before.coloured === after.coloured &&
    before.href === after.href &&
    before.isChosen === after.isChosen &&
    before.byGatehouse === after.byGatehouse &&
    before.currentHit === after.currentHit &&
    (before.hits === after.hits || (before.hits.length === 0 && after.hits.length === 0))
  );
}

function Part({ part, isCurrent }: { part: LinePart; isCurrent: boolean }) {
  const text = part.mark ? markOf(part.text) : part.text;
  if (part.href !== undefined) {
    return (
      <a className={css['link']} href={part.href} rel="noopener noreferrer" target="_blank">
        {text}
      </a>
    );
  }
  if (isPlain(part)) return text;
  const Tag = part.hit === undefined ? 'span' : 'mark';
  return (
    <Tag
      className={part.mark ? css['invisible'] : undefined}
      data-colour={part.colour}
      data-background={part.background}
      data-rgb={part.rgb === undefined ? undefined : ''}
      data-background-rgb={part.backgroundRgb === undefined ? undefined : ''}
      data-style={part.decorations.length === 0 ? undefined : part.decorations.join(' ')}
      data-current={isCurrent || undefined}
      style={colourVariables(part)}
    >
      {text}
    </Tag>
  );
}

function isPlain(part: LinePart): boolean {
  return (
    part.colour === undefined &&
    part.rgb === undefined &&
    part.background === undefined &&
    part.backgroundRgb === undefined &&
    part.decorations.length === 0 &&
    part.hit === undefined &&
    part.mark !== true
  );
}

/** The style sheet moves these to a lightness that can be read on the log's ground. */
function colourVariables(part: LinePart): CSSProperties | undefined {
  if (part.rgb === undefined && part.backgroundRgb === undefined) return undefined;
  const variables: Record<string, string> = {};
  if (part.rgb !== undefined) variables['--rgb'] = `rgb(${part.rgb})`;
  if (part.backgroundRgb !== undefined) variables['--background-rgb'] = `rgb(${part.backgroundRgb})`;
  return variables;
}
