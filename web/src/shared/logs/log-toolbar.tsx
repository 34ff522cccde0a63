import type { LogLevel } from "@toru/http-api";
import { Copy, Globe, Search, WrapText } from "lucide-react";
import { useTranslations } from "use-intl";
import { usePreference } from "#shared/preferences/use-preference.ts";
import { IconButton } from "#shared/ui/button.tsx";
import { classNames } from "#shared/ui/class-names.ts";
import { INPUT_CLASS } from "#shared/ui/field.tsx";
import { Select } from "#shared/ui/select.tsx";
import { LEVELS, type LogFilter } from "./log-filter.ts";
import { LogDownload } from "./log-download.tsx";
import { useSearchText } from "./use-search-text.ts";

interface LogToolbarProps {
  id: string;
  filter: LogFilter;
  onFilter: (filter: LogFilter) => void;
  onCopy: () => void;
}

export function LogToolbar({ id, filter, onFilter, onCopy }: LogToolbarProps) {
  const t = useTranslations("logs");
  const [text, setText] = useSearchText(filter.q, (q) => onFilter({ ...filter, q }));
  const [wrap, setWrap] = usePreference("logWrap");
  const [time, setTime] = usePreference("time");
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-surface p-2">
      <Select
        label={t("level")}
        className="max-sm:min-w-0 max-sm:flex-1"
        value={filter.level}
        onChange={(event) => onFilter({ ...filter, level: event.target.value as LogLevel })}
      >
        {LEVELS.map((level) => (
          <option key={level} value={level}>
            {t(`leastLevel.${level}`)}
          </option>
        ))}
      </Select>
      <div className="relative min-w-40 flex-1 max-sm:order-last max-sm:basis-full">
        <Search size={16} aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 text-text-muted" />
        <input
          type="search"
          aria-label={t("search")}
          placeholder={t("search")}
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className={classNames(INPUT_CLASS, "pl-8")}
        />
      </div>
      <div className="ml-auto flex items-center gap-1 max-sm:gap-0">
        <IconButton
          label={t("wrap")}
          aria-pressed={wrap === "on"}
          className="aria-pressed:bg-brand-soft aria-pressed:text-brand"
          onClick={() => setWrap(wrap === "on" ? "off" : "on")}
        >
          <WrapText size={18} aria-hidden />
        </IconButton>
        <button
          type="button"
          title={t("timeHint")}
          aria-label={t("timeIs", { zone: t(time) })}
          onClick={() => setTime(time === "utc" ? "local" : "utc")}
          className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-[13px] text-text-muted hover:bg-muted hover:text-text"
        >
          <Globe size={16} aria-hidden />
          {t(time)}
        </button>
        {/* The press itself must not take the selection away. */}
        <IconButton label={t("copy")} onMouseDown={(event) => event.preventDefault()} onClick={onCopy}>
          <Copy size={16} aria-hidden />
        </IconButton>
        <LogDownload id={id} filter={filter} />
      </div>
    </div>
  );
}
