import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import type { LoadedLogs } from "./log-feed.ts";

/** How much there is, and whether new lines arrive. */
export function LogStatus({ logs }: { logs: LoadedLogs }) {
  const t = useTranslations("logs");
  const isCut = logs.stream === "reconnecting";
  return (
    <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 border-t border-line bg-surface px-3 py-1 text-[13px] text-text-muted">
      <span>
        {t("counts", { total: Math.max(logs.total, logs.lines.length), loaded: logs.lines.length })}
        {logs.dropped > 0 && ` ${t("dropped", { count: logs.dropped })}`}
      </span>
      <output className={classNames("flex items-center gap-1.5", isCut && "text-warn")}>
        <svg viewBox="0 0 8 8" aria-hidden className={classNames("size-2", isCut ? "" : "text-good")}>
          {isCut ? (
            <circle cx="4" cy="4" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />
          ) : (
            <circle cx="4" cy="4" r="4" fill="currentColor" />
          )}
        </svg>
        {isCut ? t("reconnecting") : t("live")}
      </output>
    </div>
  );
}
