import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** So near to the end, in pixels, counts as at the end. */
const END_TOLERANCE = 24;

/**
 * Keeps the element at its end until a person scrolls up, and again once the end is reached. `appended` counts what came
 * so far; `unseen` is what came since the person let go.
 */
export function useFollow(scroller: RefObject<HTMLElement | null>, appended: number) {
  // The ref is what counts: a frame may render between a person's scrolling and the new state.
  const follows = useRef(true);
  const lastTop = useRef(0);
  const [letGoAt, setLetGoAt] = useState<number | null>(null);

  const onScroll = useCallback(
    (element: HTMLElement) => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isUp = scrollTop < lastTop.current;
      lastTop.current = scrollTop;
      const isAtEnd = scrollHeight - scrollTop - clientHeight <= END_TOLERANCE;
      if (isAtEnd) {
        follows.current = true;
        setLetGoAt(null);
      } else if (isUp && follows.current) {
        // Growth at the end never moves it up: a person did.
        follows.current = false;
        setLetGoAt(appended);
      }
    },
    [appended],
  );

  const toEnd = useCallback(() => {
    follows.current = true;
    setLetGoAt(null);
    scroller.current?.focus({ preventScroll: true });
  }, [scroller]);

  // After every render: rows may have come, or turned out taller.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && follows.current) element.scrollTo({ top: element.scrollHeight });
  });

  return { isFollowing: letGoAt === null, unseen: letGoAt === null ? 0 : appended - letGoAt, onScroll, toEnd };
}
