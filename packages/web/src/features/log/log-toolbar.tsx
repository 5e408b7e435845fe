import { IconArrowDown, IconArrowUp, IconDownload, IconFileText, IconTextWrap } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import css from './log-view.module.css';
import type { Find } from './use-find.ts';

export type LogToolbarProps = {
  title: string;
  lineCount: number;
  isLive: boolean;
  isFollowing: boolean;
  isWrapped: boolean;
  find: Find;
  findField: RefObject<HTMLInputElement | null>;
  downloadHref: string | undefined;
  plainTextHref: string | undefined;
  onStep(by: 1 | -1): void;
  onFollow(): void;
  onLetGo(): void;
  onWrap(): void;
  children?: ReactNode;
};

/** What can be done with a log: find, wrap, take away, follow. */
export function LogToolbar(props: LogToolbarProps) {
  const { find, isLive, isFollowing } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    props.onStep(event.shiftKey ? -1 : 1);
  };
  return (
    <div className={css['toolbar']}>
      <h2 className={css['title']}>
        {props.title} <span className={css['count']}>{counted(props.lineCount)}</span>
      </h2>
      {props.children}
      <search className={css['find']}>
        <input
          ref={props.findField}
          className={css['findField']}
          type="search"
          aria-label={`Find in ${props.title.toLowerCase()}`}
          placeholder="Find"
          value={find.search}
          onChange={(event) => find.setSearch(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {find.search !== '' && <FindSteps find={find} onStep={props.onStep} />}
      </search>
      <button type="button" className={css['tool']} aria-pressed={props.isWrapped} onClick={props.onWrap}>
        <IconTextWrap size={16} aria-hidden /> <span className={css['toolWords']}>Wrap</span>
      </button>
      {props.plainTextHref !== undefined && (
        <a className={css['tool']} href={props.plainTextHref} target="_blank" rel="noreferrer">
          <IconFileText size={16} aria-hidden /> <span className={css['toolWords']}>Open as plain text</span>
        </a>
      )}
      {props.downloadHref !== undefined && (
        <a className={css['tool']} href={props.downloadHref} download>
          <IconDownload size={16} aria-hidden />{' '}
          <span className={css['toolWords']}>{isLive ? 'Download so far' : 'Download'}</span>
        </a>
      )}
      {isLive && (
        <button
          type="button"
          className={css['tool']}
          aria-pressed={isFollowing}
          onClick={isFollowing ? props.onLetGo : props.onFollow}
        >
          {isFollowing ? 'Follow on' : 'Follow off'}
        </button>
      )}
    </div>
  );
}

function FindSteps({ find, onStep }: { find: Find; onStep(by: 1 | -1): void }) {
  const isOff = find.hits.length === 0;
  return (
    <>
      <output className={css['findCount']}>{countOfHits(find)}</output>
      <button
        type="button"
        className={css['tool']}
        aria-label="Previous hit"
        disabled={isOff}
        onClick={() => onStep(-1)}
      >
        <IconArrowUp size={16} aria-hidden />
      </button>
      <button type="button" className={css['tool']} aria-label="Next hit" disabled={isOff} onClick={() => onStep(1)}>
        <IconArrowDown size={16} aria-hidden />
      </button>
    </>
  );
}

function countOfHits(find: Find): string {
  return `${find.current === undefined ? 0 : find.current + 1} of ${find.hits.length}`;
}

/** `1 204 lines`, with a narrow space that does not break. */
export function counted(lines: number): string {
  const digits = String(lines).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return `${digits} ${lines === 1 ? 'line' : 'lines'}`;
}
