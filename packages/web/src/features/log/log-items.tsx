import type { Phase } from '@gatehouse/shared/run-status';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect } from 'react';
import type { LineRange } from './line-range.ts';
import type { LogBuffer } from './log-buffer.ts';
import { LogGroup } from './log-group.tsx';
import type { LogItem } from './log-sections.ts';
import css from './log-view.module.css';
import { SectionHeader } from './section-header.tsx';
import type { Find } from './use-find.ts';
import { itemHeight, type Revealing } from './use-reveal.ts';

export type LogItemsProps = {
  buffer: LogBuffer;
  phase: Phase;
  items: readonly LogItem[];
  version: number;
  find: Find;
  chosen: LineRange | undefined;
  isVirtual: boolean;
  isWrapped: boolean;
  scroller: HTMLElement;
  /** Moves a virtual list to an item; set here, called by `useReveal`. */
  revealing: Revealing;
  onFold(id: string, isOpen: boolean): void;
};

/** Headers and groups: all of them in the page, or only those in view. */
export function LogItems(props: LogItemsProps) {
  const render = (item: LogItem) => <Item {...props} item={item} isLast={item === props.items.at(-1)} />;
  if (props.isVirtual) return <VirtualItems {...props} render={render} />;
  return props.items.map((item) => <div key={item.key}>{render(item)}</div>);
}

function Item({ item, isLast, ...props }: LogItemsProps & { item: LogItem; isLast: boolean }) {
  if (item.kind === 'header') {
    const { section } = item.lines;
    return (
      <SectionHeader lines={item.lines} isOpen={item.isOpen} onToggle={() => props.onFold(section.id, !item.isOpen)} />
    );
  }
  const { hits, current } = props.find;
  return (
    <LogGroup
      buffer={props.buffer}
      phase={props.phase}
      first={item.first}
      last={item.last}
      byGatehouse={item.byGatehouse}
      hits={hits}
      currentHit={current === undefined ? undefined : hits[current]}
      chosen={props.chosen}
      version={isLast ? props.version : 0}
    />
  );
}

function VirtualItems(props: LogItemsProps & { render(item: LogItem): ReactNode }) {
  const { items, isWrapped, revealing, scroller } = props;
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller,
    // Where the reader is; the list would begin by scrolling to its top.
    initialOffset: () => scroller.scrollTop,
    estimateSize: (index) => itemHeight(items[index]),
    getItemKey: (index) => items[index]?.key ?? index,
    // One group beyond either end, so that a wheel finds it drawn.
    overscan: 1,
  });
  useLayoutEffect(() => {
    revealing.current = (index) => virtualizer.scrollToIndex(index, { align: 'start' });
    return () => {
      revealing.current = undefined;
    };
  }, [virtualizer, revealing]);
  // The last group grows under its old key: sizes are cached by key. Where lines wrap, the rows are measured instead.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the items are what changes the sizes.
  useLayoutEffect(() => {
    if (!isWrapped) virtualizer.measure();
  }, [virtualizer, items, isWrapped]);
  return (
    <div className={css['virtual']} style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map((virtual) => {
        const item = items[virtual.index];
        return (
          item !== undefined && (
            <div
              key={virtual.key}
              className={css['placed']}
              style={{ transform: `translateY(${virtual.start}px)` }}
              data-index={virtual.index}
              ref={isWrapped ? virtualizer.measureElement : null}
            >
              {props.render(item)}
            </div>
          )
        );
      })}
    </div>
  );
}
