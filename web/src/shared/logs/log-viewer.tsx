import { ScrollText, SearchX } from "lucide-react";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslations } from "use-intl";
import { useLiveStatus } from "#shared/live/live-provider.tsx";
import { usePlugin } from "#shared/plugins/plugin-queries.ts";
import { Button } from "#shared/ui/button.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { Loading } from "#shared/ui/loading.tsx";
import { Notice } from "#shared/ui/notice.tsx";
import { LogFeed } from "./log-feed.ts";
import { isFiltering, type LogFilter, NO_FILTER } from "./log-filter.ts";
import { LogList } from "./log-list.tsx";
import { LogStatus } from "./log-status.tsx";
import { logText, selectedText } from "./log-text.ts";
import { LogToolbar } from "./log-toolbar.tsx";
import { useCopy } from "./use-copy.ts";

/** The log of a plugin, with a filter of its own. It fills its parent, which must have a height. */
export function LogViewer({ id }: { id: string }) {
  const [filter, setFilter] = useState(NO_FILTER);
  return <FilteredLogViewer id={id} filter={filter} onFilter={setFilter} />;
}

interface FilteredLogViewerProps {
  id: string;
  filter: LogFilter;
  onFilter: (filter: LogFilter) => void;
}

/** For a page that keeps the filter in its address. */
export function FilteredLogViewer({ id, filter, onFilter }: FilteredLogViewerProps) {
  const t = useTranslations("logs");
  const { level, q } = filter;
  const feed = useLogFeed(id, level, q);
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const scroller = useRef<HTMLDivElement>(null);
  const copy = useCopy();
  const name = usePlugin(id)?.name ?? id;
  const copyShown = () => {
    const selected = selectedText(scroller.current);
    const lines = state.state === "loaded" ? state.lines : [];
    if (selected !== "") copy(selected, t("copiedSelection"));
    else copy(lines.map(logText).join("\n"), t("copiedLines", { count: lines.length }));
  };
  return (
    <div className="flex h-full min-h-80 flex-1 flex-col">
      <LogToolbar id={id} filter={filter} onFilter={onFilter} onCopy={copyShown} />
      {state.state === "loading" && <Loading rows={8} />}
      {state.state === "failed" && <ErrorNotice error={state.error} onRetry={feed.retry} />}
      {state.state === "loaded" && state.lines.length === 0 && (
        <NoLines filter={filter} onReset={() => onFilter(NO_FILTER)} />
      )}
      {state.state === "loaded" && state.lines.length > 0 && (
        <LogList
          key={`${id} ${level} ${q}`}
          logs={state}
          q={q}
          scroller={scroller}
          label={t("logOf", { name })}
          onLoadOlder={(options) => void feed.loadOlder(options)}
        />
      )}
      {state.state === "loaded" && <LogStatus logs={state} />}
    </div>
  );
}

function useLogFeed(id: string, level: LogFilter["level"], q: string): LogFeed {
  const feed = useMemo(() => new LogFeed(id, { level, q }), [id, level, q]);
  useEffect(() => feed.open(), [feed]);
  // The panel's own connection notices a silent death; this one has nothing to hear for hours perhaps.
  const status = useLiveStatus();
  const lastStatus = useRef(status);
  useEffect(() => {
    if (status === "live" && lastStatus.current === "offline") feed.reconnect();
    lastStatus.current = status;
  }, [feed, status]);
  return feed;
}

function NoLines({ filter, onReset }: { filter: LogFilter; onReset: () => void }) {
  const t = useTranslations("logs");
  return isFiltering(filter) ? (
    <Notice
      icon={<SearchX size={28} aria-hidden />}
      title={t("noMatch")}
      actions={<Button onClick={onReset}>{t("showAll")}</Button>}
    >
      <p>{t("noMatchText")}</p>
    </Notice>
  ) : (
    <Notice icon={<ScrollText size={28} aria-hidden />} title={t("empty")}>
      <p>{t("emptyText")}</p>
    </Notice>
  );
}
