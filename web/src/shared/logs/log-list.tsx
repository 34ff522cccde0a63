import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine } from "lucide-react";
import { type RefObject, useCallback, useState } from "react";
import { useTranslations } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { Button } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import type { LoadedLogs } from "./log-feed.ts";
import { LogRow, ROW_HEIGHT } from "./log-row.tsx";
import { OLDER_HEIGHT, OlderLines } from "./older-lines.tsx";
import { useFollow } from "./use-follow.ts";
import { useLogTime } from "./use-log-time.ts";
import { useRowSizes } from "./use-row-sizes.ts";

/** Rows above and below the visible ones that are there too. */
const OVERSCAN = 12;
/** Rows at the end that are there while it is followed, whatever is visible. */
const END_ROWS = 60;
/** So near to the first line, in pixels, the page before it is loaded. */
const LOAD_OLDER_AT = 1_500;

interface LogListProps {
  logs: LoadedLogs;
  q: string;
  scroller: RefObject<HTMLDivElement | null>;
  label: string;
  onLoadOlder: (options?: { all: boolean }) => void;
}

export function LogList({ logs, q, scroller, label, onLoadOlder }: LogListProps) {
  const t = useTranslations("logs");
  const [wrap] = usePreference("logWrap");
  const isWrapped = wrap === "on";
  const timeOf = useLogTime();
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((key: number) => setExpanded((keys) => toggled(keys, key)), []);
  const { lines, firstKey, appended } = logs;
  const { isFollowing, unseen, onScroll, toEnd } = useFollow(scroller, appended);

  // oxlint-disable-next-line react/incompatible-library -- it is read again at every render; what gets parts of it is not memoized by them
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: useCallback((index: number) => firstKey + index, [firstKey]),
    rangeExtractor: useCallback((range: RowRange) => rowsOf(range, isFollowing), [isFollowing]),
    paddingStart: OLDER_HEIGHT,
    paddingEnd: 8,
    anchorTo: "end",
    // The rows stay where they are when older ones come in front.
    overscan: OVERSCAN,
  });
  useRowSizes(virtualizer, { firstKey, isWrapped, isFollowing });
  const rows = virtualizer.getVirtualItems();

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="log"
        aria-label={label}
        aria-live="off"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard scrolls it
        tabIndex={0}
        onScroll={({ currentTarget }) => {
          onScroll(currentTarget);
          if (currentTarget.scrollTop < LOAD_OLDER_AT && logs.older === "idle") onLoadOlder();
        }}
        className="max-h-[calc(100dvh-6rem)] min-h-0 flex-1 overflow-auto bg-surface font-mono text-[12.5px] [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div className="relative" style={{ height: virtualizer.getTotalSize() }}>
          <OlderLines logs={logs} onLoad={onLoadOlder} />
          <div
            className={classNames("absolute top-0 left-0 min-w-full", isWrapped ? "w-full" : "w-max")}
            style={{ transform: `translateY(${rows[0]?.start ?? 0}px)` }}
          >
            {rows.map(({ index, key }) => {
              const entry = lines[index];
              if (entry === undefined) return null;
              const rowKey = firstKey + index;
              return (
                <div key={key} data-index={index} ref={virtualizer.measureElement}>
                  <LogRow
                    entry={entry}
                    rowKey={rowKey}
                    time={timeOf(entry.timestamp)}
                    q={q}
                    isWrapped={isWrapped}
                    isExpanded={expanded.has(rowKey)}
                    onToggle={toggle}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!isFollowing && (
        <Button
          variant="primary"
          className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-(--toru-shadow)"
          onClick={toEnd}
        >
          <ArrowDownToLine size={16} aria-hidden />
          {t("toNewest", { count: unseen })}
        </Button>
      )}
    </div>
  );
}

interface RowRange {
  startIndex: number;
  endIndex: number;
  overscan: number;
  count: number;
}

/**
 * The visible rows and some around them. While the end is followed, the rows there: those that arrive are in the page
 * before it is scrolled to them, so that a flood never shows an empty frame.
 */
function rowsOf({ startIndex, endIndex, overscan, count }: RowRange, isFollowing: boolean): number[] {
  const visible = endIndex - startIndex + 1 + 2 * overscan;
  const first = isFollowing ? count - Math.max(visible, END_ROWS) : startIndex - overscan;
  const end = isFollowing ? count : Math.min(count, endIndex + 1 + overscan);
  const from = Math.max(0, first);
  return Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
}

function toggled(keys: ReadonlySet<number>, key: number): ReadonlySet<number> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
