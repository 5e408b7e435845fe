import type { Phase } from '@gatehouse/shared/run-status';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useMemo,
  useRef,
  useState,
} from 'react';
import { extendRange, type LineRange } from './line-range.ts';
import type { LogBuffer } from './log-buffer.ts';
import { LogItems } from './log-items.tsx';
import { type ByteRange, groupSizes, type LogSection, logItems, sectionLines, sectionOfLine } from './log-sections.ts';
import { LogToolbar } from './log-toolbar.tsx';
import css from './log-view.module.css';
import { useFind } from './use-find.ts';
import { useFollow } from './use-follow.ts';
import { useLogVersion } from './use-log-version.ts';
import { useReveal } from './use-reveal.ts';

export type LogViewProps = {
  buffer: LogBuffer;
  phase: Phase;
  title: string;
  /** Whether bytes still come: followed, until the reader scrolls up. */
  isLive: boolean;
  sections?: readonly LogSection[];
  /** What Gatehouse wrote itself, in order: those lines bear a mark that terraform's output cannot forge. */
  marked?: readonly ByteRange[];
  /** Lines that the address names: opened, centred and marked; following stays off. */
  chosen?: LineRange | undefined;
  onChoose?(range: LineRange): void;
  /** The bytes as stored. */
  downloadHref?: string;
  plainTextHref?: string;
  /** What stands in place of lines while there are none. */
  empty?: string;
  /** Beside the title: the state of the stream. */
  children?: ReactNode;
};

/** Above so many lines only the groups in view are in the page; below, the browser's own find and copy see all. */
export const virtualAboveLines = 20_000;
const noSections: readonly LogSection[] = [];
const noMarks: readonly ByteRange[] = [];

/** The log of one phase: follows, finds, folds, links to lines. */
export function LogView(props: LogViewProps) {
  const { buffer, phase, chosen, isLive, onChoose, sections = noSections, marked = noMarks } = props;
  const version = useLogVersion(buffer);
  const { lineCount } = buffer;
  // State, not a ref: what is inside needs it to be there when it comes.
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const findField = useRef<HTMLInputElement>(null);
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [isWrapped, setWrapped] = useState(false);
  const follow = useFollow(scroller, isLive && chosen === undefined, lineCount);
  const find = useFind(buffer, version, () => firstVisibleLine(scroller));
  const isVirtual = lineCount > virtualAboveLines;
  const groupSize = isVirtual ? groupSizes.virtual : groupSizes.whole;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the buffer changes with its version.
  const items = useMemo(
    () => logItems(buffer, sections, folds, groupSize, marked),
    [buffer, sections, folds, version, groupSize, marked],
  );

  const setFold = useCallback((id: string, isOpen: boolean) => setFolds((old) => new Map(old).set(id, isOpen)), []);
  const openAt = useCallback(
    (line: number) => {
      const holder = sectionOfLine(sectionLines(buffer, sections), line);
      if (holder !== undefined) setFold(holder.section.id, true);
    },
    [buffer, sections, setFold],
  );
  const { reveal, revealing, markShown } = useReveal({ scroller, items, openAt, letGo: follow.letGo, chosen, phase });

  const onStep = (by: 1 | -1) => {
    const hit = find.step(by);
    if (hit !== undefined) reveal(hit.line);
  };
  const onClick = (event: MouseEvent) => {
    const line = lineOfLink(event.target);
    if (line === undefined || onChoose === undefined || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    follow.letGo();
    const range = event.shiftKey ? extendRange(chosen, phase, line) : { phase, first: line, last: line };
    markShown(range);
    onChoose(range);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isFind = event.key === '/' || (event.key === 'f' && (event.ctrlKey || event.metaKey));
    if (isFind && event.target === scroller) {
      event.preventDefault();
      findField.current?.focus();
    } else if (event.key === 'End') {
      follow.follow();
    }
  };
  const columns: CSSProperties & Record<'--columns', number> = { '--columns': buffer.maxColumns };
  const classes = [css['view'], isWrapped ? css['wrapped'] : '', lineCount < 30 ? css['short'] : ''].join(' ');

  return (
    <section className={classes} aria-label={props.title}>
      <LogToolbar
        title={props.title}
        lineCount={lineCount}
        isLive={isLive}
        isFollowing={follow.isFollowing}
        isWrapped={isWrapped}
        find={find}
        findField={findField}
        downloadHref={props.downloadHref}
        plainTextHref={props.plainTextHref}
        onStep={onStep}
        onFollow={follow.follow}
        onLetGo={follow.letGo}
        onWrap={() => setWrapped(!isWrapped)}
      >
        {props.children}
      </LogToolbar>
      {/* Not role="log", which would read out every line of a plan. */}
      {/* biome-ignore lint/a11y/useSemanticElements: the section around it is one; this is what scrolls. */}
      <div
        ref={setScroller}
        className={css['scroller']}
        role="region"
        aria-label={`${props.title}, lines`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        {lineCount === 0 ? (
          <p className={css['empty']}>{props.empty ?? `The log begins when the ${phase} starts.`}</p>
        ) : (
          <div className={css['content']} style={columns}>
            {scroller !== null && (
              <LogItems
                buffer={buffer}
                phase={phase}
                items={items}
                version={version}
                find={find}
                chosen={chosen}
                isVirtual={isVirtual}
                isWrapped={isWrapped}
                scroller={scroller}
                revealing={revealing}
                onFold={setFold}
              />
            )}
          </div>
        )}
      </div>
      {isLive && !follow.isFollowing && (
        <button type="button" className={css['pill']} onClick={follow.follow}>
          {follow.newLines === 0 ? 'Newest' : `Newest, ${follow.newLines} new`}
        </button>
      )}
    </section>
  );
}

function lineOfLink(target: EventTarget): number | undefined {
  if (!(target instanceof HTMLElement)) return undefined;
  const number = target.dataset['number'];
  return number === undefined ? undefined : Number(number);
}

/** Where a search begins: at what the reader sees. */
function firstVisibleLine(scroller: HTMLElement | null): number {
  if (scroller === null) return 1;
  const { left, top } = scroller.getBoundingClientRect();
  const row = document.elementFromPoint(left + 80, top + 8)?.closest<HTMLElement>('[data-line]');
  return Number(row?.dataset['line'] ?? 1);
}
