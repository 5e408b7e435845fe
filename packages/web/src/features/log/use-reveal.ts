import type { Phase } from '@gatehouse/shared/run-status';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatLineRange, type LineRange } from './line-range.ts';
import { itemOfLine, type LogItem } from './log-sections.ts';

/** Heights of the style sheet, in px: a row of the log, a section's header. */
const rowHeight = 20;
const headerHeight = 32;

export function itemHeight(item: LogItem | undefined): number {
  if (item === undefined || item.kind === 'header') return headerHeight;
  return (item.last - item.first + 1) * rowHeight;
}

export type Revealing = RefObject<((itemIndex: number) => void) | undefined>;

type Inputs = {
  scroller: HTMLElement | null;
  items: readonly LogItem[];
  openAt(line: number): void;
  letGo(): void;
  chosen: LineRange | undefined;
  phase: Phase;
};

// A virtual list needs a frame to draw what it was moved to; in a wrapped one the place is an estimate first.
const maxAttempts = 5;

/** Brings a line to the middle of the view, opening its section, however far away it is. */
export function useReveal({ scroller, items, openAt, letGo, chosen, phase }: Inputs) {
  const revealing: Revealing = useRef(undefined);
  const [target, setTarget] = useState<{ line: number } | undefined>(undefined);
  const newestItems = useRef(items);
  newestItems.current = items;

  const reveal = useCallback(
    (line: number) => {
      letGo();
      openAt(line);
      setTarget({ line });
    },
    [letGo, openAt],
  );

  // What the address names may not have arrived yet: tried again while the log grows, until it was shown once.
  const shown = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (chosen === undefined || chosen.phase !== phase || formatLineRange(chosen) === shown.current) return;
    const lastItem = items.at(-1);
    const lastLine = lastItem?.kind === 'rows' ? lastItem.last : (lastItem?.lines.last ?? 0);
    if (chosen.first > lastLine) return;
    shown.current = formatLineRange(chosen);
    reveal(chosen.first);
  }, [chosen, phase, items, reveal]);

  useLayoutEffect(() => {
    if (target === undefined || scroller === null) return;
    let attempt = 0;
    let frame = requestAnimationFrame(function look() {
      const row = scroller.querySelector<HTMLElement>(`[data-line="${target.line}"]`);
      if (row !== null) {
        centre(scroller, row);
        if (attempt > 0 || revealing.current === undefined) return;
      } else {
        moveNear(scroller, newestItems.current, target.line, revealing);
      }
      attempt += 1;
      if (attempt < maxAttempts) frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, [target, scroller]);

  /** The reader chose these lines here, where they are seen already. */
  const markShown = useCallback((range: LineRange) => {
    shown.current = formatLineRange(range);
  }, []);

  return { reveal, revealing, markShown };
}

/** Scrolls the log alone: `scrollIntoView` would move the page as well. */
function centre(scroller: HTMLElement, row: HTMLElement): void {
  const offset = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTop += offset - scroller.clientHeight / 2;
}

function moveNear(scroller: HTMLElement, items: readonly LogItem[], line: number, revealing: Revealing): void {
  const index = itemOfLine(items, line);
  const item = index === undefined ? undefined : items[index];
  if (index === undefined || item?.kind !== 'rows') return;
  revealing.current?.(index);
  const above = items.slice(0, index).reduce((sum, other) => sum + itemHeight(other), 0);
  scroller.scrollTop = above + (line - item.first) * rowHeight - scroller.clientHeight / 2;
}
