import { useTranslations } from "use-intl";
import { Button } from "#shared/ui/button.tsx";
import type { LoadedLogs } from "./log-feed.ts";

/** Height of what stands above the first line, in pixels. */
export const OLDER_HEIGHT = 40;

interface OlderLinesProps {
  logs: LoadedLogs;
  onLoad: (options?: { all: boolean }) => void;
}

/** What lies before the first line: nothing, more to load, or more than the browser keeps. */
export function OlderLines({ logs, onLoad }: OlderLinesProps) {
  const t = useTranslations("logs");
  return (
    <div
      className="sticky left-0 flex w-fit max-w-full items-center gap-3 px-3 font-sans text-[13px] text-text-muted"
      style={{ height: OLDER_HEIGHT }}
    >
      {logs.older === "none" && <span>{t("beginning")}</span>}
      {logs.older === "full" && <span>{t("full", { count: logs.lines.length })}</span>}
      {logs.older === "loading" && <span>{t("loadingOlder")}</span>}
      {logs.older === "failed" && <span className="text-bad">{t("olderFailed")}</span>}
      {(logs.older === "idle" || logs.older === "failed") && (
        <Button size="small" onClick={() => onLoad()}>
          {t("loadOlder")}
        </Button>
      )}
      {logs.older !== "none" && logs.older !== "full" && (
        <Button key="all" size="small" onClick={() => onLoad({ all: true })}>
          {t("loadAll", { count: logs.total - logs.lines.length })}
        </Button>
      )}
    </div>
  );
}
