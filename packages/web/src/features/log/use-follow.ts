import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

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
export function useFollow(scroller: RefObject<HTMLElement | null>, isLive: boolean, lineCount: number): Follow {
  const [heldAt, setHeldAt] = useState<number | undefined>(isLive ? undefined : lineCount);
  const isFollowing = heldAt === undefined;
  const lastTop = useRef(0);
  const newestCount = useRef(lineCount);
  newestCount.current = lineCount;

  const letGo = useCallback(() => setHeldAt((held) => held ?? newestCount.current), []);
  const follow = useCallback(() => {
    setHeldAt(undefined);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // Growth never lowers scrollTop, and folding clamps it only at the end: a drop elsewhere is a person's.
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
      if (scrollTop < lastTop.current - 1 && !isAtEnd) letGo();
      lastTop.current = scrollTop;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller, letGo]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the growth that must be followed.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !isFollowing || !isLive) return;
    element.scrollTop = element.scrollHeight;
  }, [scroller, isFollowing, isLive, lineCount]);

  return { isFollowing, newLines: heldAt === undefined ? 0 : Math.max(0, lineCount - heldAt), follow, letGo };
}
