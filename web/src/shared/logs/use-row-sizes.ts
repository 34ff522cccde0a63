import type { Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

interface RowSizesOptions {
  firstKey: number;
  isWrapped: boolean;
  isFollowing: boolean;
}

/** Forgets the heights of rows that are gone, and all of them where they are wrapped otherwise. */
export function useRowSizes(
  virtualizer: Virtualizer<HTMLDivElement, Element>,
  { firstKey, isWrapped, isFollowing }: RowSizesOptions,
): void {
  const lastFirstKey = useRef(firstKey);
  useEffect(() => {
    for (let key = lastFirstKey.current; key < firstKey; key += 1) virtualizer.itemSizeCache.delete(key);
    lastFirstKey.current = firstKey;
  }, [virtualizer, firstKey]);

  const lastWrap = useRef(isWrapped);
  useEffect(() => {
    if (lastWrap.current === isWrapped) return;
    lastWrap.current = isWrapped;
    const top = virtualizer.getVirtualItemForOffset(virtualizer.scrollOffset ?? 0)?.index;
    virtualizer.measure();
    if (!isFollowing && top !== undefined) virtualizer.scrollToIndex(top, { align: "start" });
  }, [virtualizer, isWrapped, isFollowing]);
}
