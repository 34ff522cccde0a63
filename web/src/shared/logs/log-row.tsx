import type { LogEntry, LogLevel } from "@toru/http-api";
import { ChevronRight } from "lucide-react";
import { memo, useId } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import { LogDetails } from "./log-details.tsx";
import { LogMessage } from "./log-message.tsx";

/** Height of a row of one line, in pixels. */
export const ROW_HEIGHT = 24;

const LEVEL_LOOK: Record<LogLevel, string> = {
  debug: "text-text-muted",
  info: "text-info",
  warn: "text-warn",
  error: "text-bad",
};
const EDGE: Record<LogLevel, string> = {
  debug: "border-transparent",
  info: "border-transparent",
  warn: "border-warn",
  error: "border-bad",
};

interface LogRowProps {
  entry: LogEntry;
  rowKey: number;
  time: string;
  q: string;
  isWrapped: boolean;
  isExpanded: boolean;
  onToggle: (rowKey: number) => void;
}

export const LogRow = memo(function LogRow({ entry, rowKey, time, q, isWrapped, isExpanded, onToggle }: LogRowProps) {
  const t = useTranslations("logs");
  const detailsId = useId();
  const { level, message, error, timestamp } = entry;
  const hasDetails = error !== undefined || entry.fields !== undefined;
  return (
    <div className={classNames("border-l-2 pr-3 pl-1 hover:bg-muted", EDGE[level], isExpanded && "bg-muted")}>
      <div className={classNames("flex gap-x-2 leading-6", isWrapped && "max-md:flex-wrap")}>
        {hasDetails ? (
          <button
            type="button"
            aria-expanded={isExpanded}
            aria-controls={detailsId}
            aria-label={t("details", { time })}
            onClick={() => onToggle(rowKey)}
            className="grid size-6 shrink-0 place-items-center rounded text-text-muted hover:text-text"
          >
            <ChevronRight
              size={14}
              aria-hidden
              className={classNames("transition-transform", isExpanded && "rotate-90")}
            />
          </button>
        ) : (
          <span className="size-6 shrink-0" />
        )}
        <time dateTime={timestamp} title={timestamp} className="shrink-0 text-text-muted tabular-nums">
          {time}
        </time>
        <span className={classNames("w-11 shrink-0 font-semibold", LEVEL_LOOK[level])}>{t(`levelShort.${level}`)}</span>
        <div
          className={
            isWrapped
              ? "min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere max-md:basis-full max-md:pl-8"
              : "whitespace-pre"
          }
        >
          <LogMessage text={message} q={q} />
          {error !== undefined && (
            <span className="text-bad">
              {" "}
              <LogMessage text={error} q={q} />
            </span>
          )}
        </div>
      </div>
      {hasDetails && (
        <div id={detailsId} hidden={!isExpanded} className="pb-1.5">
          {isExpanded && <LogDetails entry={entry} q={q} />}
        </div>
      )}
    </div>
  );
});
