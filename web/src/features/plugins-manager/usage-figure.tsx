import { useFormatter, useTranslations } from "use-intl";
import { useResources } from "#shared/plugins/plugin-queries.ts";
import { Sparkline } from "#shared/ui/sparkline.tsx";
import { slotsOf } from "./plugin-usage.ts";

/** Smaller loads than these do not reach the upper edge: percent of one core, and bytes. */
const AT_LEAST = { cpu: 10, memory: 16_000_000 } as const;
const MEGABYTE = 1_000_000;
/** Free above the highest point, so that a level line does not look like a full one. */
const HEADROOM = 1.3;

/** The last ten minutes of a plugin as a line, and the figure of this moment. */
export function UsageFigure({ id, kind }: { id: string; kind: "cpu" | "memory" }) {
  const t = useTranslations("plugins.usage");
  const format = useFormatter();
  const resources = useResources();
  const lines = resources?.plugins[id];
  const values = (kind === "cpu" ? lines?.cpu : lines?.memory_bytes) ?? [];
  const current = values.at(-1) ?? null;
  const known = values.filter((value) => value !== null);
  if (resources === null || known.length === 0) return <span className="text-text-muted">–</span>;
  const textOf = (value: number | null) => {
    if (value === null) return "–";
    if (kind === "cpu") return format.number(value / 100, { style: "percent", maximumFractionDigits: 1 });
    const megabytes = value / MEGABYTE;
    return format.number(megabytes, { style: "unit", unit: "megabyte", maximumFractionDigits: megabytes < 10 ? 1 : 0 });
  };
  const highest = Math.max(...known);
  const label = t(kind, { now: textOf(current), highest: textOf(highest) });
  return (
    <span className="flex items-center gap-2">
      <Sparkline
        values={values}
        slots={slotsOf(resources)}
        max={Math.max(AT_LEAST[kind], highest * HEADROOM)}
        label={label}
        className="w-14"
      />
      <span aria-hidden className="whitespace-nowrap tabular-nums">
        {textOf(current)}
      </span>
    </span>
  );
}
