import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

export type Follow = {
  isFollowing: boolean;
  /** Lines that came since following was let go. */
  newLines: number;
  follow(): void;
  letGo(): void;
};

/**
 * Keeps the end of a growing log in view. Only a person's scroll up lets go; the pill and the End key take hold again.
 * A jump to a line lets go too.
 */
export function useFollow(scroller: HTMLElement | null, isLive: boolean, lineCount: number): Follow {
  const [heldAt, setHeldAt] = useState<number | undefined>(isLive ? undefined : lineCount);
  const isFollowing = heldAt === undefined;
  const lastTop = useRef(0);
  const newestCount = useRef(lineCount);
  newestCount.current = lineCount;

  const letGo = useCallback(() => setHeldAt((held) => held ?? newestCount.current), []);
  const follow = useCallback(() => {
    setHeldAt(undefined);
    if (scroller !== null) toEnd(scroller);
  }, [scroller]);

  useEffect(() => {
    if (scroller === null) return;
    // Growth never lowers scrollTop, and folding clamps it only at the end: a drop elsewhere is a person's.
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
      if (scrollTop < lastTop.current - 1 && !isAtEnd) letGo();
      lastTop.current = scrollTop;
    };
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => scroller.removeEventListener('scroll', onScroll);
  }, [scroller, letGo]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the growth that must be followed.
  useLayoutEffect(() => {
    if (scroller !== null && isFollowing && isLive) toEnd(scroller);
  }, [scroller, isFollowing, isLive, lineCount]);

  return { isFollowing, newLines: heldAt === undefined ? 0 : Math.max(0, lineCount - heldAt), follow, letGo };
}

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
}
