import { type RefObject, useEffect, useState } from 'react';
import { DeadlineCountdown } from '../../components/deadline-countdown.tsx';
import css from './decision-foot.module.css';

/** While the panel below a long plan is out of view: what is asked there, and the way to it. */
export function DecisionFoot(props: {
  panel: RefObject<HTMLElement | null>;
  words: string;
  deadlineAt: number | undefined;
}) {
  const { panel, words, deadlineAt } = props;
  const [isBelow, setBelow] = useState(false);
  useEffect(() => {
    if (panel.current === null) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry !== undefined) setBelow(!entry.isIntersecting && entry.boundingClientRect.top > 0);
    });
    observer.observe(panel.current);
    return () => observer.disconnect();
  }, [panel]);
  if (!isBelow) return null;
  return (
    <button
      type="button"
      className={css['foot']}
      onClick={() => {
        panel.current?.scrollIntoView({ block: 'start' });
        panel.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
      }}
    >
      {words}
      {deadlineAt !== undefined && (
        <>
          , <DeadlineCountdown at={deadlineAt} isShort />
        </>
      )}{' '}
      <span aria-hidden>▾</span>
    </button>
  );
}
