import { useTranslations } from "use-intl";
import { classNames } from "#shared/ui/class-names.ts";
import { Sparkline } from "#shared/ui/sparkline.tsx";

/** From these parts of the whole on the bar of what runs out warns; the figure beside it says the same. */
const WARN_PART = 0.8;
const BAD_PART = 0.95;

interface MeterProps {
  label: string;
  /** What the bar shows, in words. */
  figure: string;
  detail?: string;
  value: number | null;
  max: number | null;
  /** Whether to be full is a fault. */
  runsOut?: boolean;
  /** Oldest first. */
  line: (number | null)[];
}

export function Meter({ label, figure, detail, value, max, runsOut = false, line }: MeterProps) {
  const t = useTranslations("home");
  const part = value === null || max === null || max === 0 ? 0 : Math.min(1, value / max);
  const color = colorOf(runsOut ? part : 0);
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-[13px] text-text-muted">
          {label}
          {detail && ` · ${detail}`}
        </span>
        <span className="font-medium tabular-nums">{figure}</span>
      </div>
      <meter aria-label={label} max={100} value={Math.round(part * 100)} className="sr-only">
        {figure}
      </meter>
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-muted">
        <div className={classNames("h-full rounded-full", color)} style={{ width: `${part * 100}%` }} />
      </div>
      <Sparkline values={line} max={max} label={t("lastMinutes", { name: label })} className="mt-1 w-full" />
    </div>
  );
}

function colorOf(part: number): string {
  if (part >= BAD_PART) return "bg-bad";
  return part >= WARN_PART ? "bg-warn" : "bg-brand";
}
